/** The numbers of a chart as a table, newest first: what a screen reader reads and what one copies from. */
import { useMemo } from 'react';
import type { ChartLine } from './chart-line.ts';
import type { ChartFormat } from './use-chart-format.ts';

const ROWS = 400;

export function ChartTable({ label, lines, format, stepLabel, height }: { height: number; label: string; lines: readonly ChartLine[]; format: ChartFormat; stepLabel: string }) {
  const rows = useMemo(() => {
    const at = new Map<number, (number | undefined)[]>();
    lines.forEach((line, l) => { line.steps.forEach((step, i) => { const row = at.get(step) ?? []; row[l] = line.mean[i]; at.set(step, row); }); });
    return [...at].sort((a, b) => b[0] - a[0]).slice(0, ROWS);
  }, [lines]);
  return (
    <div className="chart-table" style={{ height: height - 16 }} tabIndex={0} role="region" aria-label={label}>
      <table><thead><tr><th scope="col">{stepLabel}</th>{lines.map((l) => <th scope="col" key={l.id}>{l.label}</th>)}</tr></thead>
        <tbody>{rows.map(([step, values]) => <tr key={step}><td>{step}</td>{lines.map((l, i) => <td key={l.id}>{values[i] === undefined ? '' : format.value(values[i])}</td>)}</tr>)}</tbody></table>
    </div>
  );
}
