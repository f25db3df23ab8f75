/** Last value and shape of what the big chart does not show. Under the shared crosshair each shows its value there. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { METHOD_IDS, METHODS } from '../../../../shared/methods/index.ts';
import type { MethodId } from '../../../../shared/methods/index.ts';
import type { MetricId } from '../../../../shared/metrics.ts';
import type { Run } from '../../../../shared/schema/entities.ts';
import { lineOf } from '../../charts/chart-line.ts';
import type { ChartLine, Tone } from '../../charts/chart-line.ts';
import { useChartView } from '../../charts/chart-view-store.ts';
import { LiveChart } from '../../charts/live-chart.tsx';
import { formatMetric } from '../../charts/use-chart-format.ts';
import type { ValueKind } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { Stat } from '../../ui/index.ts';
import { crosshairOf, lastStepShown } from './metric-tabs.ts';
import { useSeries } from './use-run-data.ts';

type SmallMetric = 'mean_token_accuracy' | 'rewards/accuracies' | 'rewards/margins' | 'accuracy' | 'margin' | 'learning_rate' | 'grad_norm' | 'tokens_per_second' | 'rss';
interface Small { name: SmallMetric; tone: Tone; kind: ValueKind; smooth: number; calm: number }
const SMALL: readonly Small[] = [
  { name: 'rewards/accuracies', tone: 'good', kind: 'ratio', smooth: 0.9, calm: 0 }, { name: 'accuracy', tone: 'good', kind: 'ratio', smooth: 0.9, calm: 0 }, { name: 'rewards/margins', tone: 'good', kind: 'plain', smooth: 0.9, calm: 0 }, { name: 'margin', tone: 'good', kind: 'plain', smooth: 0.9, calm: 0 },
  { name: 'mean_token_accuracy', tone: 'good', kind: 'ratio', smooth: 0.9, calm: 0 }, { name: 'learning_rate', tone: 'violet', kind: 'plain', smooth: 0, calm: 0 }, { name: 'grad_norm', tone: 'steel', kind: 'plain', smooth: 0.9, calm: 0.25 },
  { name: 'tokens_per_second', tone: 'ember', kind: 'rate', smooth: 0.9, calm: 0.25 }, { name: 'rss', tone: 'steel', kind: 'bytes', smooth: 0, calm: 0.25 },
];
/** The metric on held-out rows that stands beside the one of training. */
const HELD = { mean_token_accuracy: 'eval_mean_token_accuracy', 'rewards/accuracies': 'eval_rewards/accuracies', 'rewards/margins': 'eval_rewards/margins', accuracy: 'eval_accuracy', margin: 'eval_margin' } as const satisfies Partial<Record<SmallMetric, MetricId>>;
const isHeld = (name: SmallMetric): name is keyof typeof HELD => name in HELD;
/** What the run measures; where it compares answers, that stands in place of token accuracy. */
function smallOf(method: MethodId): readonly Small[] {
  const measured: readonly MetricId[] = METHODS[method].metrics, compares = measured.includes('rewards/margins') || measured.includes('margin');
  return SMALL.filter((s) => measured.includes(s.name) && !(compares && s.name === 'mean_token_accuracy'));
}
const OF = Object.fromEntries(METHOD_IDS.map((id) => { const shown = smallOf(id); return [id, { shown, names: shown.flatMap(({ name }): MetricId[] => (isHeld(name) ? [name, HELD[name]] : [name])) }]; })) as Record<MethodId, { shown: readonly Small[]; names: MetricId[] }>;
const HEIGHT = 38;

export function SmallCharts({ run, beat }: { run: Run; beat: number | null }) {
  const { t } = useTranslation('run'), f = useFormat();
  const { shown, names } = OF[run.recipe.method];
  const x = useChartView((s) => s.view.x), { series } = useSeries(run.id, names, x, 200, beat), clip = run.recipe.train.max_grad_norm;
  const detailOf = ({ name, kind }: Small): string | undefined => {
    const held = isHeld(name) ? series?.[HELD[name]]?.mean.at(-1) : undefined;
    return held !== undefined ? t('small.heldOutAt', { value: formatMetric(held, kind, f.locale) }) : name === 'grad_norm' && clip > 0 ? t('small.clip', { value: f.number(clip) }) : undefined;
  };
  return (
    <div className="run-small">{shown.map((small) => {
      const s = series?.[small.name], label = t(`chart.${small.name}`);
      return <SmallChart key={small.name} small={small} run={run} label={label} detail={detailOf(small)} last={s?.mean.at(-1) ?? run.last[small.name]} line={s && s.steps.length > 0 ? lineOf(s, { id: small.name, label, tone: small.tone, shape: 'line' }) : null} x={x} />;
    })}</div>
  );
}

function SmallChart({ small: { kind, smooth, calm }, run, label, detail, last, line, x }: { small: Small; run: Run; label: string; detail: string | undefined; last: number | undefined; line: ChartLine | null; x: 'step' | 'tokens' | 'epoch' | 'seconds' }) {
  const { t } = useTranslation('run'), f = useFormat();
  const [pointed, setPointed] = useState<number | null>(null);
  const view = useMemo(() => ({ x, log: false, smooth, clip: true }), [x, smooth]), lines = useMemo(() => (line === null ? [] : [line]), [line]);
  const value = pointed ?? last;
  return (
    <div className="card">
      <Stat label={label} value={value === undefined ? '–' : kind === 'rate' ? f.number(value, { maximumFractionDigits: 0 }) : formatMetric(value, kind, f.locale)} detail={pointed === null ? detail : t('small.pointed')} />
      {line === null ? <div style={{ height: HEIGHT }} /> : <LiveChart bare summary={label} lines={lines} view={view} kind={kind} height={HEIGHT} calm={calm} syncKey={crosshairOf(run)} xMax={x === 'step' ? lastStepShown(run) : undefined} onRead={setPointed} />}
    </div>
  );
}
