/** The big chart of a run and the small ones below it. All share one crosshair and the same controls. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Series } from '../../../../shared/contract.ts';
import type { MetricId } from '../../../../shared/metrics.ts';
import type { Run } from '../../../../shared/schema/entities.ts';
import { ema } from '../../charts/ema.ts';
import { ChartCard } from '../../charts/chart-card.tsx';
import { useChartView } from '../../charts/chart-view-store.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatMetric } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { ErrorNote, Segmented, Stat } from '../../ui/index.ts';
import { linesOf, METRIC_TABS, namesOf, tabOf } from './metric-tabs.ts';
import type { TabId } from './metric-tabs.ts';
import { isOver } from '../../state/run-state.ts';
import { useSeries } from './use-run-data.ts';

export function MainChart({ run, beat }: { run: Run; beat: number | null }) {
  const { t } = useTranslation('run'), f = useFormat();
  const [tabId, setTab] = useState<TabId>('loss');
  const x = useChartView((s) => s.view.x), tab = tabOf(tabId);
  const { series, error } = useSeries(run.id, namesOf(tab), x, 1200, beat);
  const clip = run.recipe.train.max_grad_norm;
  const lines = useMemo(() => linesOf(tab, series ?? {}, { train: t('chart.train'), heldOut: t('chart.heldOut'), own: t(`chart.${tab.train as 'learning_rate' | 'grad_norm' | 'tokens_per_second' | 'rss'}`) }), [tab, series, t]);
  if (error !== null && series === null) return <ErrorNote error={error} />;
  return (
    <ChartCard title={t(`chart.${tabId}`)} kind={tab.kind} lines={lines} syncKey={`run-${run.id}`} xMax={run.total_steps > 0 ? run.total_steps : undefined} smoothing={tab.smoothing}
      empty={isOver(run.status) && run.step === 0 ? t('chart.nothing') : run.step > 0 && tabId === 'accuracy' ? t('chart.emptyEval') : t('chart.empty')}
      reference={tabId === 'grad' && clip > 0 ? { value: clip, label: t('chart.clipLine', { value: f.number(clip) }) } : undefined}
      tabs={<Segmented<TabId> label={t('chart.metric')} value={tabId} onChange={setTab} options={METRIC_TABS.map((m) => ({ value: m.id, label: t(`chart.${m.id}`) }))} />} />
  );
}

const SMALL: readonly { name: MetricId; tone: 'good' | 'steel' | 'violet' | 'ember'; kind: 'ratio' | 'plain' | 'rate' | 'bytes' }[] = [
  { name: 'mean_token_accuracy', tone: 'good', kind: 'ratio' }, { name: 'learning_rate', tone: 'violet', kind: 'plain' }, { name: 'grad_norm', tone: 'steel', kind: 'plain' }, { name: 'tokens_per_second', tone: 'ember', kind: 'rate' }, { name: 'rss', tone: 'steel', kind: 'bytes' },
];
export const SMALL_NAMES: readonly MetricId[] = ['loss', 'eval_loss', 'eval_mean_token_accuracy', ...SMALL.map((s) => s.name)];

const shapeOf = (s: Series, kind: string): number[] => (kind === 'bytes' || s.name === 'learning_rate' ? s.mean : ema(s.steps, s.mean, 0.9).filter((v): v is number => v !== null));

/** Last value and shape of what the big chart does not show. */
export function SmallCharts({ run, series }: { run: Run; series: Readonly<Record<string, Series>> | null }) {
  const { t } = useTranslation('run'), f = useFormat();
  const held = series?.['eval_mean_token_accuracy']?.mean.at(-1), clip = run.recipe.train.max_grad_norm;
  const detail: Partial<Record<MetricId, string>> = {
    ...(held === undefined ? {} : { mean_token_accuracy: t('small.heldOutAt', { value: formatMetric(held, 'ratio', f.locale) }) }),
    ...(clip > 0 ? { grad_norm: t('small.clip', { value: f.number(clip) }) } : {}),
  };
  return (
    <div className="run-small">{SMALL.map(({ name, tone, kind }) => {
      const s = series?.[name], last = s?.mean.at(-1) ?? run.last[name];
      const label = t(`chart.${name as 'learning_rate' | 'grad_norm' | 'tokens_per_second' | 'rss' | 'mean_token_accuracy'}`);
      return (
        <div className="card" key={name}>
          <Stat label={label} value={last === undefined ? '–' : kind === 'bytes' ? f.bytes(last) : kind === 'rate' ? f.number(last, { maximumFractionDigits: 0 }) : formatMetric(last, kind, f.locale)} detail={detail[name]} />
          <Sparkline values={s === undefined ? [] : shapeOf(s, kind)} calm={kind === 'ratio' || name === 'learning_rate' ? 0 : 0.25} tone={tone} width={180} height={36} stretch />
        </div>
      );
    })}</div>
  );
}
