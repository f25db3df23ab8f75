/** The measures of the probe answers: each with its value now, its value before training and its curve; the tooltip gives sign and estimator. */
import { useTranslation } from 'react-i18next';
import type { Series } from '../../../../shared/contract.ts';
import type { MetricId } from '../../../../shared/metrics.ts';
import type { Tone } from '../../charts/chart-line.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatMetric } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { Hint } from '../../ui/index.ts';

type MeasureId = 'kl' | 'entropy' | 'length' | 'cut' | 'repetition' | 'loops' | 'refusals';
interface Shown { id: MeasureId; metric: MetricId; kind: 'nats' | 'tokens' | 'share'; tone: Tone }
export const PROBE_MEASURES: readonly Shown[] = [
  { id: 'kl', metric: 'probe/kl', kind: 'nats', tone: 'ember' }, { id: 'entropy', metric: 'probe/entropy', kind: 'nats', tone: 'violet' }, { id: 'length', metric: 'probe/length', kind: 'tokens', tone: 'steel' },
  { id: 'cut', metric: 'probe/cut', kind: 'share', tone: 'steel' }, { id: 'repetition', metric: 'probe/repetition', kind: 'share', tone: 'steel' }, { id: 'loops', metric: 'probe/loops', kind: 'share', tone: 'steel' }, { id: 'refusals', metric: 'probe/refusals', kind: 'share', tone: 'steel' },
];

export function ProbeMeasures({ series }: { series: Readonly<Record<string, Series>> }) {
  const { t } = useTranslation('health'), f = useFormat();
  const value = (v: number, kind: Shown['kind']): string => (kind === 'share' ? f.percent(v, 0) : kind === 'nats' ? t('unit.nats', { n: formatMetric(v, 'plain', f.locale) }) : t('unit.tokens', { n: f.number(v, { maximumFractionDigits: 1 }) }));
  return (
    <dl className="run-probes">{PROBE_MEASURES.map(({ id, metric, kind, tone }) => {
      const s = series[metric], last = s?.mean.at(-1), first = s?.mean[0], name = t(`measure.${id}`);
      if (s === undefined || last === undefined || first === undefined) return null;
      const step = f.number(s.steps.at(-1) ?? 0), start = s.steps[0] === 0 && s.steps.length > 1 && id !== 'kl' ? t('start', { value: value(first, kind) }) : null;
      return (
        <div key={id}>
          <dt>{name}<Hint text={t(`help.${id}`)} label={t('about', { name })} /></dt>
          <dd><b>{value(last, kind)}</b>{start !== null && <small>{start}</small>}</dd>
          <dd><Sparkline values={s.mean} tone={tone} width={56} height={20} label={t('trend', { name, from: value(first, kind), to: value(last, kind), step })} /></dd>
        </div>
      );
    })}</dl>
  );
}
