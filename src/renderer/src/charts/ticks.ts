/** Round axis ticks: 1, 2, 2.5 or 5 times a power of ten; on a log axis powers of ten, with 2 and 5 where there is room. */

/** Ascending, inside [min, max]; about `count` of them. */
export function niceTicks(min: number, max: number, count = 5): number[] {
  if (!Number.isFinite(min) || !Number.isFinite(max) || max < min) return [];
  if (min === max) return [min];
  const step = niceStep((max - min) / Math.max(1, count));
  const first = Math.ceil(min / step - 1e-9), last = Math.floor(max / step + 1e-9);
  const out: number[] = [];
  for (let i = first; i <= last; i++) out.push(round(i * step, step));
  return out;
}

export function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const share = raw / power;
  return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 2.5 ? 2.5 : share <= 5 ? 5 : 10);
}

/** Needs 0 < min < max. Falls back to linear ticks when less than two would stand inside. */
export function logTicks(min: number, max: number, count = 6): number[] {
  if (!(min > 0) || !(max > min)) return min > 0 && min === max ? [min] : [];
  const low = Math.floor(Math.log10(min)), high = Math.ceil(Math.log10(max));
  const inside = (factors: readonly number[]): number[] => {
    const out: number[] = [];
    for (let e = low; e <= high; e++) for (const f of factors) { const v = Number((f * 10 ** e).toPrecision(3)); if (v >= min && v <= max) out.push(v); }
    return out;
  };
  for (const factors of [[1, 1.5, 2, 3, 4, 5, 7], [1, 2, 5], [1, 3], [1]]) {
    const ticks = inside(factors);
    if (ticks.length >= 2 && ticks.length <= count * 1.5) return ticks;
  }
  const powers = inside([1]);
  if (powers.length < 2) return niceTicks(min, max, count);
  const stride = Math.ceil(powers.length / count);
  return powers.filter((_, i) => i % stride === 0);
}

/** Digits after the point that tell the ticks apart, at most 8. */
export function tickDigits(ticks: readonly number[]): number {
  let digits = 0;
  for (const t of ticks) while (digits < 8 && Math.abs(t - Number(t.toFixed(digits))) > Math.abs(t) * 1e-9 + 1e-12) digits++;
  return digits;
}

/** Removes what binary fractions leave: 0.30000000000000004 becomes 0.3. */
function round(value: number, step: number): number {
  const digits = Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(step))));
  const r = Number(value.toFixed(digits));
  return Object.is(r, -0) ? 0 : r;
}
