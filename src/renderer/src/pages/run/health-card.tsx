/** The health of a run: what the rules find now, gravest first, with what to do and where the rule comes from; the measures of the probe answers; and the plain facts of the curves. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Series } from '../../../../shared/contract.ts';
import { healthFindings, ruleOf, WATCHED, type HealthFinding, type HealthSeries, type RuleId, type Severity } from '../../../../shared/health/index.ts';
import type { MetricId } from '../../../../shared/metrics.ts';
import type { Run } from '../../../../shared/schema/entities.ts';
import { healthOf } from '../../../../shared/schema/health.ts';
import { formatMetric } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { Card, Dot, Hint, Pill } from '../../ui/index.ts';
import { findingText } from './finding-text.ts';
import { ProbeMeasures, PROBE_MEASURES } from './probe-measures.tsx';
import type { Finding, Judgement } from './run-findings.ts';
import { useSeries } from './use-run-data.ts';

const TONE: Record<Judgement | Severity, 'good' | 'warn' | 'bad' | 'steel'> = { good: 'good', warn: 'warn', bad: 'bad', neutral: 'steel', fact: 'steel' };
const NAMES: readonly MetricId[] = [...new Set([...WATCHED, ...PROBE_MEASURES.map((m) => m.metric)])];
/** Enough that most runs are judged by every point; longer ones by means of neighbours. */
const POINTS = 1200;

function healthSeries(series: Readonly<Record<string, Series>> | null): HealthSeries {
  return Object.fromEntries(WATCHED.flatMap((name) => {
    const s = series?.[name];
    return s === undefined ? [] : [[name, s.mean.flatMap((value, i) => (Number.isFinite(value) ? [{ step: s.steps[i] ?? 0, value }] : []))]];
  }));
}

/** `facts`: what the curves say besides. */
export function HealthCard({ run, beat, facts, step }: { run: Run; beat: number | null; facts: readonly Finding[]; step: number }) {
  const { t } = useTranslation('run'), { t: h } = useTranslation('health'), f = useFormat();
  const { series } = useSeries(run.id, NAMES, 'step', POINTS, beat), { recipe } = run, { pause_on } = healthOf(recipe);
  const found = useMemo(() => healthFindings(healthSeries(series), healthOf(recipe).limits), [series, recipe]);
  const alerts = found.filter((x) => x.severity !== 'fact'), probed = series !== null && PROBE_MEASURES.some((m) => (series[m.metric]?.steps.length ?? 0) > 0);
  return (
    <Card title={h('title')} right={step > 0 ? <><Pill tone={alerts.some((x) => x.severity === 'bad') ? 'bad' : alerts.length > 0 ? 'warn' : 'good'}>{alerts.length === 0 ? h('calm') : h('alerts', { count: alerts.length, n: f.number(alerts.length) })}</Pill><span>{t('health.at', { step: f.number(step) })}</span></> : undefined}>
      {found.length === 0 && facts.length === 0 && !probed && <p className="run-note">{t('answer.none')}</p>}
      {found.length > 0 && <ul>{found.map((x) => <RuleItem key={x.rule} finding={x} pauses={pause_on.includes(x.rule)} />)}</ul>}
      {probed && <section className="run-probe-part" aria-label={h('measures')}><h3>{h('measures')}<Hint text={h('measuresHelp')} label={h('about', { name: h('measures') })} /></h3><ProbeMeasures series={series} /></section>}
      {facts.length > 0 && <ul>{facts.map((x) => {
        const { text, detail } = findingText(x, t, f);
        return <li className="run-finding" key={x.kind}><Dot tone={TONE[x.judgement]} label={t(`health.${x.judgement}`)} /><p>{text}</p><small>{detail}</small></li>;
      })}</ul>}
    </Card>
  );
}

const SHARES = new Set(['loops', 'accuracy', 'best', 'last', 'train', 'value@at-chance', 'from@refusals-rising', 'to@refusals-rising', 'from@repetition-rising', 'to@repetition-rising']);
const WHOLE = new Set(['step', 'bestStep', 'points']);

function RuleItem({ finding: { rule, severity, step, values }, pauses }: { finding: HealthFinding; pauses: boolean }) {
  const { t } = useTranslation('health'), f = useFormat();
  const words = Object.fromEntries(Object.entries({ ...values, step }).map(([name, v]) => [name, WHOLE.has(name) ? f.number(v) : SHARES.has(name) || SHARES.has(`${name}@${rule}`) ? f.percent(v, 0) : formatMetric(v, 'plain', f.locale)]));
  const say = t as unknown as (key: `rule.${RuleId}.${'text' | 'todo'}`, words: Record<string, string>) => string;
  return (
    <li className="run-finding">
      <Dot tone={TONE[severity]} label={t(`severity.${severity}`)} />
      <p>{say(`rule.${rule}.text`, words)}<Hint text={t('source', { source: ruleOf(rule).source })} label={t('source', { source: ruleOf(rule).source })} />{pauses && <Pill tone="warn">{t('pauses')}</Pill>}</p>
      <small>{say(`rule.${rule}.todo`, words)}</small>
    </li>
  );
}
