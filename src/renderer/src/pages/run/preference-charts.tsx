/** The pictures of a preference run, side by side under one crosshair; each says in its tooltip what sign, unit and estimator it has. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../../shared/schema/entities.ts';
import type { Series } from '../../../../shared/contract.ts';
import { lineOf } from '../../charts/chart-line.ts';
import { ChartTable } from '../../charts/chart-table.tsx';
import { useChartView } from '../../charts/chart-view-store.ts';
import { LiveChart } from '../../charts/live-chart.tsx';
import { useChartFormat } from '../../charts/use-chart-format.ts';
import { Button, Card, ErrorNote, Hint } from '../../ui/index.ts';
import { crosshairOf, lastStepShown } from './metric-tabs.ts';
import { plotsOf } from './preference-plots.ts';
import type { Plot } from './preference-plots.ts';
import { useSeries } from './use-run-data.ts';

const HEIGHT = 168;

export function PreferenceCharts({ run, beat }: { run: Run; beat: number | null }) {
  const plots = useMemo(() => plotsOf(run.recipe), [run.recipe]);
  return plots.length === 0 ? null : <Plots run={run} beat={beat} plots={plots} />;
}

function Plots({ run, beat, plots }: { run: Run; beat: number | null; plots: readonly Plot[] }) {
  const { t } = useTranslation('run'), x = useChartView((s) => s.view.x);
  const names = useMemo(() => plots.flatMap((p) => p.lines.map((l) => l.name)), [plots]);
  const { series, error } = useSeries(run.id, names, x, 600, beat);
  return (
    <section className="run-plots" aria-label={t('preference.title')}>
      {error !== null && series === null ? <ErrorNote error={error} /> : plots.map((plot) => <OnePlot key={plot.id} run={run} plot={plot} series={series} />)}
    </section>
  );
}

function OnePlot({ run, plot, series }: { run: Run; plot: Plot; series: Record<string, Series> | null }) {
  const { t } = useTranslation('run'), view = useChartView((s) => s.view), [table, setTable] = useState(false);
  const title = t(`preference.plot.${plot.id}`), format = useChartFormat(plot.kind, view.x);
  const lines = useMemo(() => plot.lines.flatMap((l) => {
    const s = series?.[l.name];
    return s && s.steps.length > 0 ? [lineOf(s, { id: l.name, label: l.word === 'own' ? title : t(`preference.line.${l.word}`), tone: l.tone, shape: l.dots === true ? 'dots' : 'line', ...(l.dashed === true ? { dashed: true } : {}) })] : [];
  }), [plot, series, title, t]);
  // These may be below zero, where a logarithm has nothing to show.
  const look = useMemo(() => ({ ...view, log: false }), [view]);
  const summary = t('chart.summary', { title, x: t(`chart.${view.x}`), lines: lines.map((l) => t('chart.summaryLine', { label: l.label, points: l.mean.length, last: format.value(l.mean.at(-1) ?? NaN) })).join('; ') });
  return (
    <Card className="chart-card" label={title} title={<span className="run-plot-title">{title}<Hint text={t(`preference.help.${plot.help}`)} label={t('preference.about', { title })} /></span>}
      right={lines.length === 0 ? undefined : <Button size="s" kind="quiet" aria-pressed={table} onClick={() => { setTable(!table); }}>{table ? t('chart.tableHide') : t('chart.table')}</Button>}>
      {lines.length === 0 ? <div className="chart-empty" style={{ height: HEIGHT }}><p>{series === null ? '' : t('chart.emptyEval')}</p></div>
        : table ? <ChartTable label={t('chart.tableLabel', { title })} lines={lines} format={format} stepLabel={t('chart.step')} height={HEIGHT} />
          : <LiveChart summary={summary} lines={lines} view={look} kind={plot.kind} height={HEIGHT} syncKey={crosshairOf(run)} xMax={view.x === 'step' ? lastStepShown(run) : undefined} reference={plot.level === undefined ? undefined : { value: plot.level }} />}
      <div className="chart-legend">{lines.map((l) => <span key={l.id}><i data-tone={l.tone} />{l.label} {format.value(l.mean.at(-1) ?? NaN)}</span>)}</div>
    </Card>
  );
}
