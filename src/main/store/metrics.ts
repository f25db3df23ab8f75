/** Metrics of runs as chunks with a pyramid above them. Writing is one transaction a batch; reading gives at most the points asked for and keeps every extreme. */
import type { Series } from '../../shared/contract.ts';
import type { Connection } from './connection.ts';
import { interpolate } from './metric-axis.ts';
import { CHUNK_ROWS as CHUNK, condense, cover, levelFor, PyramidWriter, readRow } from './pyramid.ts';
import type { Bucket } from './pyramid.ts';
import type { Attempt, Runs } from './runs.ts';
import { lastValidStep } from './supersede.ts';

export interface MetricPoint { step: number; /** Position on the other axes. */ tokens: number; epoch: number; seconds: number; values: Record<string, number> }
export type Axis = 'step' | 'tokens' | 'epoch' | 'seconds';
export interface SeriesQuery { names: readonly string[]; x: Axis; points: number; from?: number; to?: number }

/** Axis positions are series of their own; their names cannot collide with a metric's. */
const axisName = (axis: Exclude<Axis, 'step'>): string => `@${axis}`;
const AXES = ['tokens', 'epoch', 'seconds'] as const;

interface OpenSeries { id: number; writer: PyramidWriter }

export class Metrics {
  readonly #connection: Connection;
  readonly #runs: Runs;
  readonly #open = new Map<string, OpenSeries>();

  constructor(connection: Connection, runs: Runs) { this.#connection = connection; this.#runs = runs; }

  /** Appends to one attempt. Gives the number of values that were refused: not finite, or at a step already written. */
  append(runId: string, attempt: number, points: readonly MetricPoint[]): number {
    let refused = 0;
    const touched = new Map<string, OpenSeries>();
    const put = (name: string, step: number, value: number): boolean => {
      const series = this.#series(runId, attempt, name);
      touched.set(name, series);
      return series.writer.append(step, value);
    };
    this.#connection.transaction(() => {
      // Memory would run ahead of the disk: read it again next time.
      this.#connection.onRollback(() => { for (const name of touched.keys()) this.#open.delete(key(runId, attempt, name)); });
      for (const p of points) {
        for (const axis of AXES) put(axisName(axis), p.step, p[axis]); // two events of one step share their position
        for (const [name, value] of Object.entries(p.values)) if (!put(name, p.step, value)) refused++;
      }
      for (const series of touched.values()) this.#save(series);
    });
    return refused;
  }

  /** Forgets what is held in memory of an attempt that ended. */
  close(runId: string): void {
    for (const k of this.#open.keys()) if (k.startsWith(`${runId}/`)) this.#open.delete(k);
  }

  names(runId: string): string[] {
    return this.#connection.sql<[string], { metric: string }>("SELECT DISTINCT metric FROM metric_series WHERE run_id = ? AND metric NOT LIKE '@%' ORDER BY metric").all(runId).map((r) => r.metric);
  }

  series(runId: string, query: SeriesQuery): Series[] {
    const attempts = this.#runs.attempts(runId);
    const axis = query.x === 'step' ? undefined : this.#read(runId, axisName(query.x), attempts, query);
    return query.names.map((name) => {
      const buckets = this.#read(runId, name, attempts, query);
      const steps = buckets.map((b) => (b.first + b.last) / 2);
      return {
        name, steps, x: axis ? steps.map((step) => interpolate(axis, step)) : steps,
        mean: buckets.map((b) => b.sum / b.count), min: buckets.map((b) => b.min), max: buckets.map((b) => b.max), count: buckets.reduce((n, b) => n + b.count, 0),
      };
    });
  }

  #read(runId: string, name: string, attempts: readonly Attempt[], { from = -Infinity, to = Infinity, points }: SeriesQuery): Bucket[] {
    const rows = this.#connection.sql<[string, string], { id: number; attempt: number }>('SELECT id, attempt FROM metric_series WHERE run_id = ? AND metric = ? ORDER BY attempt').all(runId, name);
    const parts = rows.map(({ id, attempt }) => ({ id, from: this.#index(id, from, false), to: this.#index(id, Math.min(to, lastValidStep(attempts, attempt)), true) }));
    const level = levelFor(parts.reduce((n, p) => n + Math.max(0, p.to - p.from), 0), points);
    return condense(parts.flatMap((p) => cover(p.from, p.to, level).flatMap((c) => this.#rows(p.id, c.level, c.from, c.to))), points);
  }

  /** Index of the first point whose step is at least `step` (or, with `past`, beyond it). */
  #index(series: number, step: number, past: boolean): number {
    const row = this.#connection.sql<[number, number], { chunk: number; data: Buffer }>(`SELECT chunk, data FROM metric_chunks WHERE series_id = ? AND level = 0 AND last_step ${past ? '>' : '>='} ? ORDER BY chunk LIMIT 1`).get(series, step);
    if (!row) return this.#count(series);
    const data = floats(row.data);
    let low = 0, high = data.length / 2;
    while (low < high) {
      const mid = (low + high) >> 1, s = data[mid * 2] ?? NaN;
      if (past ? s > step : s >= step) high = mid; else low = mid + 1;
    }
    return row.chunk * CHUNK + low;
  }

  #count(series: number): number {
    return this.#connection.sql<[number], { n: number | null }>('SELECT sum(count) AS n FROM metric_chunks WHERE series_id = ? AND level = 0').get(series)?.n ?? 0;
  }

  #rows(series: number, level: number, from: number, to: number): Bucket[] {
    const chunks = this.#connection.sql<[number, number, number, number], { chunk: number; count: number; data: Buffer }>('SELECT chunk, count, data FROM metric_chunks WHERE series_id = ? AND level = ? AND chunk BETWEEN ? AND ? ORDER BY chunk').all(series, level, Math.floor(from / CHUNK), Math.floor((to - 1) / CHUNK));
    return chunks.flatMap(({ chunk, count, data }) => {
      const values = floats(data), start = Math.max(0, from - chunk * CHUNK), end = Math.min(count, to - chunk * CHUNK);
      return Array.from({ length: Math.max(0, end - start) }, (_, i) => readRow(level, values, start + i));
    });
  }

  #series(runId: string, attempt: number, name: string): OpenSeries {
    const k = key(runId, attempt, name), open = this.#open.get(k);
    if (open) return open;
    const found = this.#connection.sql<[string, string, number], { id: number }>('SELECT id FROM metric_series WHERE run_id = ? AND metric = ? AND attempt = ?').get(runId, name, attempt);
    const id = found?.id ?? Number(this.#connection.sql('INSERT INTO metric_series (run_id, attempt, metric) VALUES (?, ?, ?)').run(runId, attempt, name).lastInsertRowid);
    const series = { id, writer: new PyramidWriter() };
    if (found) { // written by an earlier life of the host: take it up from its points
      for (const b of this.#rows(id, 0, 0, this.#count(id))) series.writer.append(b.first, b.sum);
      series.writer.takeChanged();
    }
    this.#open.set(k, series);
    return series;
  }

  #save({ id, writer }: OpenSeries): void {
    const upsert = this.#connection.sql('INSERT INTO metric_chunks (series_id, level, chunk, count, first_step, last_step, data) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series_id, level, chunk) DO UPDATE SET count = excluded.count, last_step = excluded.last_step, data = excluded.data');
    for (const c of writer.takeChanged()) upsert.run(id, c.level, c.chunk, c.rows, c.first, c.last, Buffer.from(c.data.buffer, c.data.byteOffset, c.data.byteLength));
  }
}

const key = (runId: string, attempt: number, name: string): string => `${runId}/${attempt}/${name}`;
function floats(blob: Buffer): Float64Array {
  // SQLite's buffers need not be aligned for Float64: copy.
  return new Float64Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength));
}
