/** The range of a value axis. With clipping, single outliers do not flatten the curve: the range covers the middle of the data, and the number of points outside is told. */

export interface ClipRange { min: number; max: number; outside: number }

const TAIL = 0.02;
/** Room around the middle, as a share of its span, before a point counts as an outlier. */
const ROOM = 0.6;

/** `log` drops values that a log axis cannot show. Null when there is nothing to show. */
export function clipRange(values: readonly (number | null | undefined)[], options: { clip: boolean; log?: boolean }): ClipRange | null {
  const shown: number[] = [];
  for (const v of values) if (v !== null && v !== undefined && Number.isFinite(v) && (options.log !== true || v > 0)) shown.push(v);
  if (shown.length === 0) return null;
  shown.sort((a, b) => a - b);
  const low = shown[0] as number, high = shown.at(-1) as number;
  // Few points: each of them is the story.
  if (!options.clip || shown.length < 8) return { min: low, max: high, outside: 0 };
  const a = quantile(shown, TAIL), b = quantile(shown, 1 - TAIL);
  const span = b - a;
  if (span <= 0) return { min: low, max: high, outside: 0 };
  const min = Math.max(low, a - span * ROOM), max = Math.min(high, b + span * ROOM);
  let outside = 0;
  for (const v of shown) if (v < min || v > max) outside++;
  return { min, max, outside };
}

/** Linear interpolation between the two neighbours. `sorted` ascending and not empty. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * Math.min(1, Math.max(0, q));
  const i = Math.floor(at);
  const a = sorted[i] ?? 0, b = sorted[i + 1] ?? a;
  return a + (b - a) * (at - i);
}

/** Breathing space above and below, so that a line never lies on the frame. A constant gets a band around it. */
export function padRange(min: number, max: number, log: boolean): [number, number] {
  if (log) {
    const grow = min === max ? 2 : (max / min) ** 0.05;
    return [min / grow, max * grow];
  }
  const span = max - min;
  const pad = span > 0 ? span * 0.06 : Math.max(Math.abs(max) * 0.1, 1e-9);
  const bottom = min - pad;
  return [min >= 0 && bottom < 0 ? 0 : bottom, max + pad];
}
