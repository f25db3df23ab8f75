/**
 * The min/max/mean pyramid of one metric of one attempt, as plain numbers. Level 0 holds points (step, value); an entry of level n sums up 8 entries of level n-1.
 * Only complete entries are kept: what is not yet summed up is read one level below. Rows are packed into chunks of Float64, which the store keeps as blobs.
 */

export const FACTOR = 8;
export const CHUNK_ROWS = 256;
/** Numbers in a row: a point, or (first step, last step, min, max, sum, count). */
export const rowWidth = (level: number): 2 | 6 => (level === 0 ? 2 : 6);

export interface Bucket { first: number; last: number; min: number; max: number; sum: number; count: number }
/** `chunk` counts from 0 within its level. */
export interface Chunk { level: number; chunk: number; rows: number; first: number; last: number; data: Float64Array }

export const bucketOfPoint = (step: number, value: number): Bucket => ({ first: step, last: step, min: value, max: value, sum: value, count: 1 });

export function merge(a: Bucket, b: Bucket): Bucket {
  return { first: a.first, last: b.last, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), sum: a.sum + b.sum, count: a.count + b.count };
}

export function readRow(level: number, data: Float64Array, row: number): Bucket {
  const at = (k: number): number => data[row * rowWidth(level) + k] ?? NaN;
  return level === 0 ? bucketOfPoint(at(0), at(1)) : { first: at(0), last: at(1), min: at(2), max: at(3), sum: at(4), count: at(5) };
}

interface Level { chunk: number; rows: number; data: Float64Array; open: Bucket | undefined; children: number }

/** Grows by appended points; `takeChanged` gives the chunks that are new or longer since it was last asked. */
export class PyramidWriter {
  readonly #levels: Level[] = [];
  readonly #changed = new Map<string, Chunk>();
  #lastStep = -Infinity;

  /** False, and nothing changes, when the step is not beyond the last one or the value is not finite. */
  append(step: number, value: number): boolean {
    if (!(step > this.#lastStep) || !Number.isFinite(value)) return false;
    this.#lastStep = step;
    this.#push(0, bucketOfPoint(step, value));
    return true;
  }

  takeChanged(): Chunk[] {
    const chunks = [...this.#changed.values()];
    this.#changed.clear();
    return chunks;
  }

  #push(index: number, bucket: Bucket): void {
    const level = this.#levels[index] ??= emptyLevel(index);
    if (level.rows === CHUNK_ROWS) {
      level.chunk++;
      level.rows = 0;
      level.data = new Float64Array(CHUNK_ROWS * rowWidth(index));
    }
    const row = index === 0 ? [bucket.first, bucket.sum] : [bucket.first, bucket.last, bucket.min, bucket.max, bucket.sum, bucket.count];
    level.data.set(row, level.rows * rowWidth(index));
    level.rows++;
    const first = level.data[0] ?? NaN;
    this.#changed.set(`${index}/${level.chunk}`, { level: index, chunk: level.chunk, rows: level.rows, first, last: bucket.last, data: level.data.subarray(0, level.rows * rowWidth(index)) });
    level.open = level.open ? merge(level.open, bucket) : bucket;
    if (++level.children < FACTOR) return;
    const full = level.open;
    level.open = undefined;
    level.children = 0;
    this.#push(index + 1, full);
  }
}

const emptyLevel = (index: number): Level => ({ chunk: 0, rows: 0, data: new Float64Array(CHUNK_ROWS * rowWidth(index)), open: undefined, children: 0 });

/** Where the points `from` to `to` (exclusive) of level 0 are found with the fewest rows at `level` and below: in order, without gaps or overlap. */
export function cover(from: number, to: number, level: number): { level: number; from: number; to: number }[] {
  if (from >= to) return [];
  if (level === 0) return [{ level, from, to }];
  const size = FACTOR ** level, a = Math.ceil(from / size), b = Math.floor(to / size);
  if (a >= b) return cover(from, to, level - 1);
  return [...cover(from, a * size, level - 1), { level, from: a, to: b }, ...cover(b * size, to, level - 1)];
}

/** The highest level that still gives at least `points` rows for `count` points. */
export function levelFor(count: number, points: number): number {
  let level = 0;
  while (count / FACTOR ** (level + 1) >= points) level++;
  return level;
}

/** At most `points` buckets of about equal count, in order; every bucket as it is when there are few enough. */
export function condense(buckets: readonly Bucket[], points: number): Bucket[] {
  if (buckets.length <= points) return [...buckets];
  const target = buckets.reduce((n, b) => n + b.count, 0) / points;
  const out: Bucket[] = [];
  let open: Bucket | undefined;
  for (const bucket of buckets) {
    open = open ? merge(open, bucket) : bucket;
    if (open.count >= target - 1e-9) { out.push(open); open = undefined; }
  }
  if (open) out.push(open);
  return out;
}
