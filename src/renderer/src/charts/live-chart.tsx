/**
 * The one live chart: uPlot drawing what chart-data prepares. Redraws at most 4 times a second (10 while focused or pointed at), never while out of sight.
 * Keyboard: arrows move the crosshair, Home and End jump, Escape clears it; the readout is announced. The table in chart-card shows the same numbers.
 */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { chartData } from './chart-data.ts';
import type { ChartData } from './chart-data.ts';
import type { ChartLine, ChartView } from './chart-line.ts';
import { onThemeChange } from './chart-theme.ts';
import { CALM_MS, FOCUSED_MS, redrawGate } from './redraw-gate.ts';
import type { RedrawGate } from './redraw-gate.ts';
import { uplotOptions } from './uplot-options.ts';
import { useChartFormat } from './use-chart-format.ts';
import type { ValueKind } from './use-chart-format.ts';

export interface LiveChartProps {
  /** Says what is drawn and its last values: read by screen readers. */
  summary: string;
  lines: readonly ChartLine[]; view: ChartView; kind: ValueKind; height?: number;
  /** Charts with the same key share a crosshair. */
  syncKey?: string; xMax?: number; reference?: { value: number };
  /** Small multiples: no axes and no readout; what the shared crosshair points at is told to `onRead`, null when it leaves. */
  bare?: boolean; /** See `chartData`. */ calm?: number; onRead?: (value: number | null) => void;
}

interface Readout { left: number; flip: boolean; title: string; rows: { label: string; value: string; tone: string }[] }

export function LiveChart({ summary, lines, view, kind, height = 280, syncKey, xMax, reference, bare = false, calm, onRead }: LiveChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = useRef('');
  const gate = useRef<RedrawGate | null>(null);
  const latest = useRef<() => void>(() => undefined);
  const current = useRef<ChartData | null>(null);
  const [readout, setReadout] = useState<Readout | null>(null);
  const format = useChartFormat(kind, view.x);
  const data = useMemo(() => chartData(lines, view, { xMax, xMin: 0, calm }), [lines, view, xMax, calm]);

  const readRef = useRef<(u: uPlot) => void>(() => undefined);
  const readAt = (u: uPlot): void => {
    const d = current.current, index = u.cursor.idx, left = u.cursor.left ?? -1;
    if (!d || index === null || index === undefined || left < 0) { setReadout(null); onRead?.(null); return; }
    if (bare) { onRead?.(nearest(d.columns.find((c) => c.layer === 'raw')?.values ?? d.columns.at(-1)?.values ?? [], index)); return; }
    const rows = d.columns.flatMap((c) => {
      if (c.layer === 'band-low' || c.layer === 'band-high') return [];
      const value = nearest(c.values, index);
      return value === null ? [] : [{ label: format.layer(c, view.smooth), value: format.value(value), tone: c.tone }];
    });
    const x = u.valToPos(d.x[index] ?? 0, 'x') + u.over.offsetLeft;
    setReadout({ left: x, flip: x > u.width * 0.6, title: format.at(d.x[index] ?? 0, d.steps[index] ?? 0), rows });
  };

  useLayoutEffect(() => { readRef.current = readAt; latest.current = () => {
    const element = host.current;
    current.current = data;
    if (!element || !data) { plot.current?.destroy(); plot.current = null; shape.current = ''; return; }
    const width = element.clientWidth;
    if (width < 40) return;
    const key = [data.columns.map((c) => `${c.line.id}:${c.layer}:${c.tone}`).join(), view.log, view.x, height, format.locale, reference?.value, syncKey].join('|');
    const columns = [data.x, ...data.columns.map((c) => c.values)] as uPlot.AlignedData;
    if (plot.current && shape.current === key) { if (plot.current.width !== width) plot.current.setSize({ width, height }); plot.current.setData(columns); return; }
    plot.current?.destroy();
    shape.current = key;
    plot.current = new uPlot(uplotOptions(data, { log: view.log, width, height, syncKey: syncKey ?? null, formatX: format.xTicks, formatY: format.yTicks, reference: reference ?? null, axes: !bare }, () => current.current, (u) => { readRef.current(u); }), columns, element);
  }; });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const g = redrawGate(() => { latest.current(); });
    gate.current = g;
    let inView = true;
    const see = (): void => { g.setVisible(inView && !document.hidden); };
    const near = new IntersectionObserver(([e]) => { inView = e?.isIntersecting ?? true; see(); }, { rootMargin: '100px' });
    const size = new ResizeObserver(() => { g.request(); });
    near.observe(element); size.observe(element);
    document.addEventListener('visibilitychange', see);
    const offTheme = onThemeChange(() => { plot.current?.redraw(false, true); });
    return () => { near.disconnect(); size.disconnect(); document.removeEventListener('visibilitychange', see); offTheme(); g.dispose(); plot.current?.destroy(); plot.current = null; shape.current = ''; };
  }, []);
  useEffect(() => { gate.current?.request(); }, [data, view, height, format.locale, reference?.value]);

  const move = (e: KeyboardEvent): void => {
    const u = plot.current, d = current.current;
    if (!u || !d) return;
    const at = u.cursor.idx ?? d.x.length - 1, stride = e.shiftKey ? 10 : 1;
    const target = { ArrowLeft: at - stride, ArrowRight: at + stride, Home: 0, End: d.x.length - 1 }[e.key];
    if (e.key === 'Escape') { point(u, -10); return; }
    if (target === undefined) return;
    e.preventDefault();
    const index = Math.min(d.x.length - 1, Math.max(0, target));
    point(u, u.valToPos(d.x[index] ?? 0, 'x'));
  };

  const pace = (fast: boolean) => () => { gate.current?.setInterval(fast ? FOCUSED_MS : CALM_MS); };
  // eslint-disable-next-line -- the chart is a focusable picture that arrows explore
  return (
    <div className="chart" style={{ height }} role="group" aria-label={summary} {...(bare ? {} : { tabIndex: 0, onKeyDown: move })} onFocus={pace(true)} onBlur={pace(false)} onPointerEnter={pace(true)} onPointerLeave={pace(false)}>
      <div ref={host} className="chart-canvas" aria-hidden />
      {readout && (
        <div className="chart-tip" data-flip={readout.flip} style={{ left: readout.left }}>
          <div className="chart-tip-title">{readout.title}</div>
          {readout.rows.map((r) => <div key={r.label}><i data-tone={r.tone} />{r.label}<b>{r.value}</b></div>)}
        </div>
      )}
      {!bare && <div className="visually-hidden" aria-live="polite">{readout ? `${readout.title}: ${readout.rows.map((r) => `${r.label} ${r.value}`).join(', ')}` : ''}</div>}
    </div>
  );
}

/** The value at the index, or the closest earlier one: held-out points are rarer than steps. */
function nearest(values: readonly (number | null | undefined)[], index: number): number | null {
  for (let i = index; i >= 0; i--) { const v = values[i]; if (v !== null && v !== undefined) return v; }
  return null;
}

/** Moves the crosshair of the chart and of those that share it; uPlot's types do not name the third parameter, which tells the others. */
function point(u: uPlot, left: number): void {
  (u.setCursor as (at: { left: number; top: number }, fire: boolean, tell: boolean) => void)({ left, top: left < 0 ? -10 : 4 }, true, true);
}
