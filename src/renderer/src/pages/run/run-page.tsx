/** One run: the answer first, then its numbers, then its pictures; checkpoints, samples, log and recipe below. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { useCheckpoints, useReady, useRun } from '../../state/entities.ts';
import { Dot, EmptyState, LinkButton, PageHead, Pill, Skeleton, StatusPill } from '../../ui/index.ts';
import { CheckpointsCard } from './checkpoints-card.tsx';
import { findingText } from './finding-text.ts';
import { HealthCard } from './health-card.tsx';
import { LogCard } from './log-card.tsx';
import { MainChart } from './main-chart.tsx';
import { PreferenceCharts } from './preference-charts.tsx';
import { RewardCard } from './reward-card.tsx';
import { RecipeCard } from './recipe-card.tsx';
import { RunActions } from './run-actions.tsx';
import { RunError } from './run-error.tsx';
import { mainFinding, sideFindings } from './run-findings.ts';
import { RunProgress } from './run-progress.tsx';
import { bestOf, isOver } from '../../state/run-state.ts';
import { SamplesCard } from './samples-card.tsx';
import { SmallCharts } from './small-charts.tsx';
import { useLog, usePulse, useSamples, useSeries } from './use-run-data.ts';
import { sentence } from '../../i18n/sentences.ts';
import './run.css';

/** What the findings rest on. */
const FOUND_IN = ['loss', 'eval_loss', 'grad_norm', 'eval_mean_token_accuracy', 'eval_rewards/accuracies', 'eval_rewards/margins', 'eval_accuracy', 'eval_margin'] as const;

export function RunPage({ id }: { id: string }) {
  const { t } = useTranslation('run');
  const run = useRun(id), ready = useReady();
  if (run) return <RunView run={run} key={run.id} />;
  if (!ready) return <><PageHead crumbs={[{ label: t('crumb'), href: '/runs' }]} title={<Skeleton width={180} height={18} />} /><Skeleton height={6} /><Skeleton height={360} /></>;
  return <><PageHead crumbs={[{ label: t('crumb'), href: '/runs' }]} title={t('crumb')} /><EmptyState title={t('notFound')} actions={<LinkButton href="/runs">{t('toRuns')}</LinkButton>} /></>;
}

function RunView({ run }: { run: Run }) {
  const { t } = useTranslation('run'), f = useFormat();
  const pulse = usePulse(run.id), checkpoints = useCheckpoints(run.id);
  const beat = pulse?.seq ?? null;
  const { series } = useSeries(run.id, FOUND_IN, 'step', 200, beat);
  const samples = useSamples(run.id, pulse?.samples ?? null), log = useLog(run.id, pulse?.log_seq ?? null);
  const main = useMemo(() => mainFinding(series ?? {}), [series]);
  const limit = run.recipe.train.max_grad_norm, findings = useMemo(() => sideFindings(series ?? {}, limit), [series, limit]);
  const words = main ? findingText(main, t, f) : null, ended = run.status === 'failed' || run.status === 'interrupted' ? t(`error.${run.status}`, { step: f.number(run.step) }) : null;
  const answer = run.status === 'queued' ? (run.note === null ? t('answer.queued') : sentence(run.note)) : run.status === 'starting' && run.step === 0 ? t('answer.starting') : ended ?? words?.text ?? t('answer.none');
  const tone = run.status === 'failed' ? 'bad' as const : run.status === 'interrupted' ? 'warn' as const : main?.judgement === 'good' ? 'good' as const : main?.judgement === 'warn' ? 'warn' as const : 'steel' as const;
  return (
    <>
      <PageHead crumbs={[{ label: t('crumb'), href: '/runs' }, { label: run.model_name }]} title={run.name}
        pills={<><StatusPill run={run} /><Pill>{t(`method.${run.recipe.method}`)}</Pill><Pill>{run.recipe.adapter === 'none' ? t('adapter.none') : t('adapter.lora', { r: run.recipe.adapter.r })}</Pill></>}
        actions={<RunActions run={run} best={bestOf(run, checkpoints)} />} />
      <p className="run-answer" aria-live="polite"><Dot tone={tone} />{answer}{words !== null && <span className="muted">{ended === null ? words.detail : words.text}</span>}{run.note !== null && run.status !== 'queued' && <span className="muted">{sentence(run.note)}</span>}</p>
      <RunProgress run={run} />
      <RunError run={run} />
      <div className="cols">
        <div className="stack">
          <MainChart run={run} beat={beat} />
          <PreferenceCharts run={run} beat={beat} />
          <SmallCharts run={run} beat={beat} />
          <RewardCard run={run} />
          <CheckpointsCard run={run} list={checkpoints} />
          <LogCard lines={log} over={isOver(run.status)} />
        </div>
        <div className="stack">
          <HealthCard run={run} beat={beat} facts={findings} step={pulse?.step ?? run.step} />
          <SamplesCard run={run} samples={samples} />
          <RecipeCard run={run} />
        </div>
      </div>
    </>
  );
}
