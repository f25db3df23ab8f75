/** A chart with everything around it: title, controls, legend with last values, how many points are outside, and the table of its numbers. */
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Card } from '../ui/index.ts';
import { chartData } from './chart-data.ts';
import { ChartControls } from './chart-controls.tsx';
import type { ChartLine } from './chart-line.ts';
import { ChartTable } from './chart-table.tsx';
import { useChartView } from './chart-view-store.ts';
import { LiveChart } from './live-chart.tsx';
import { useChartFormat } from './use-chart-format.ts';
import type { ValueKind } from './use-chart-format.ts';

export interface ChartCardProps {
  title: string; tabs?: ReactNode; lines: readonly ChartLine[]; kind: ValueKind; height?: number; syncKey?: string; xMax?: number; reference?: { value: number; label: string };
  /** Shown instead of the chart when there is no point. */
  empty: string; smoothing?: boolean;
}

export function ChartCard({ title, tabs, lines, kind, height = 286, syncKey, xMax, reference, empty, smoothing = true }: ChartCardProps) {
  const { t } = useTranslation('run');
  const stored = useChartView((s) => s.view), view = useMemo(() => (smoothing ? stored : { ...stored, smooth: 0 }), [stored, smoothing]);
  const [table, setTable] = useState(false);
  const format = useChartFormat(kind, view.x);
  const data = useMemo(() => chartData(lines, view), [lines, view]);
  const lasts = lines.flatMap((l) => { const v = l.mean.at(-1); return v === undefined ? [] : [{ line: l, last: v }]; });
  const summary = t('chart.summary', { title, x: t(`chart.${view.x}`), lines: lasts.map(({ line, last }) => t('chart.summaryLine', { label: line.label, points: line.mean.length, last: format.value(last) })).join('; ') });
  const outside = data?.outside ?? 0;
  return (
    <Card title={title} right={<ChartControls smoothing={smoothing} />} label={title} className="chart-card">
      {tabs !== undefined && <div className="chart-tabs">{tabs}</div>}
      {data === null ? <div className="chart-empty" style={{ height }}><p>{empty}</p></div>
        : table ? <ChartTable label={t('chart.tableLabel', { title })} lines={lines} format={format} stepLabel={t('chart.step')} height={height} />
          : <LiveChart summary={summary} lines={lines} view={view} kind={kind} height={height} syncKey={syncKey} xMax={view.x === 'step' ? xMax : undefined} reference={reference} />}
      <div className="chart-legend">
        {data?.columns.flatMap((c) => {
          if (c.layer === 'band-high' || c.layer === 'band-low') return [];
          const last = c.values.findLast((v): v is number => v !== null && v !== undefined);
          return [<span key={`${c.line.id}${c.layer}`}><i data-tone={c.tone} data-faint={c.layer === 'raw' ? true : undefined} />{format.layer(c, view.smooth)} {last === undefined ? '' : format.value(last)}</span>];
        })}
        {outside > 0 && <span>{t('chart.outside', { count: outside, n: outside })}</span>}
        <span className="end">{reference && data !== null && <span>{reference.label}</span>}{data !== null && <Button size="s" kind="quiet" aria-pressed={table} onClick={() => { setTable(!table); }}>{table ? t('chart.tableHide') : t('chart.table')}</Button>}</span>
      </div>
    </Card>
  );
}
