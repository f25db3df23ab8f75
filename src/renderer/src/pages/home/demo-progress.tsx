/** The demo while it works: stage, live curve of its training run, what is measured so far. */
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { Demo } from '../../../../shared/schema/entities.ts';
import '../../charts/charts.css';
import { Sparkline } from '../../charts/sparkline.tsx';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useRun } from '../../state/entities.ts';
import { Button, Card, LinkButton, Progress, toast } from '../../ui/index.ts';
import { ALL_TASKS } from './demo-verdict.ts';

const STAGES = ['base', 'training', 'tuned', 'aligning', 'aligned'] as const;

export function DemoProgress({ demo }: { demo: Demo }) {
  const { t } = useTranslation('home'), f = useFormat(), runId = (demo.status === 'aligning' || demo.status === 'aligned' ? demo.align_run_id : null) ?? demo.run_id, run = useRun(runId), elapsed = useElapsed(demo.started_at);
  const at = STAGES.findIndex((s) => s === demo.status), base = demo.scores.find((s) => s.task === ALL_TASKS), loss = run?.last['loss'], speed = run?.last['tokens_per_second'];
  const b = { b: <b /> };
  return (
    <Card title={t('progress.title')} lit right={<>{t('progress.elapsed', { time: f.duration(elapsed) })}{runId !== null && <LinkButton size="s" href={routes.run(runId)}>{t('progress.openRun')}</LinkButton>}<Button size="s" onClick={() => { api.demo.cancel({ id: demo.id }).catch(toast.error); }}>{t('progress.cancel')}</Button></>}>
      <div className="body stack">
        <ol className="stages">{STAGES.map((s, i) => <li key={s} data-at={i < at ? 'done' : undefined} {...(i === at ? { 'aria-current': 'step' as const } : {})}>{i < at && <IconCheck size={13} aria-hidden />}{t(`progress.stage.${s}`)}</li>)}</ol>
        <div className="prog">
          <Progress value={demo.progress} label={t('progress.label')} />
          <div className="stats" style={{ minWidth: 60, justifyContent: 'flex-end' }}><b>{f.percent(demo.progress)}</b></div>
        </div>
        <div className="demo-curve">{run && run.spark.length > 1 ? <Sparkline values={run.spark} width={900} height={110} stretch label={t('progress.curve')} /> : <span className="small">{t('progress.wait')}</span>}</div>
        <div className="stats">
          {run && run.step > 0 && <span><Trans t={t} i18nKey="progress.step" values={{ step: f.number(run.step), total: f.number(run.total_steps) }} components={b} /></span>}
          {loss !== undefined && <span><Trans t={t} i18nKey="progress.loss" values={{ loss: f.number(loss, { minimumFractionDigits: 3, maximumFractionDigits: 3 }) }} components={b} /></span>}
          {speed !== undefined && <span><Trans t={t} i18nKey="progress.speed" values={{ speed: f.number(speed, { maximumFractionDigits: 0 }) }} components={b} /></span>}
          {(demo.status === 'training' || demo.status === 'aligning') && run?.seconds_left !== null && run?.seconds_left !== undefined && <span><Trans t={t} i18nKey="progress.left" values={{ time: f.duration(run.seconds_left) }} components={b} /></span>}
          {base && <span className="end">{t('progress.baseScore', { share: f.percent(base.base, 1), n: f.number(base.n) })}</span>}
        </div>
      </div>
    </Card>
  );
}

function useElapsed(since: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => { const timer = setInterval(() => { setNow(Date.now()); }, 1000); return () => { clearInterval(timer); }; }, []);
  return Math.max(0, Math.round((now - since) / 1000));
}
