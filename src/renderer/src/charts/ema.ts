/** Debiased exponential moving average over unevenly spaced points. The weight decays with the distance in steps, so a down-sampled curve is smoothed like the full one; dividing by the summed weight removes the pull to zero at the start. */

/** `weight` in [0, 1): 0 leaves the values alone; otherwise what is `unit` steps away counts `weight` times as much. Values that are not finite stay gaps (null). `steps` and `values` are parallel, steps ascending. */
export function ema(steps: readonly number[], values: readonly (number | null)[], weight: number, unit = 1): (number | null)[] {
  if (!(weight > 0)) return values.map(finite);
  const beta = Math.min(weight, 0.9999);
  let sum = 0, mass = 0, last = 0;
  return values.map((raw, i) => {
    const value = finite(raw);
    if (value === null) return null;
    const step = steps[i] ?? last + 1;
    const keep = mass === 0 ? 0 : beta ** (Math.max(0, step - last) / unit);
    // The first point carries one unit's share, so that it does not outweigh those after it.
    const share = mass === 0 ? 1 - beta : 1 - keep;
    sum = keep * sum + share * value;
    mass = keep * mass + share;
    last = step;
    return mass === 0 ? value : sum / mass;
  });
}

const finite = (x: number | null | undefined): number | null => (x !== null && x !== undefined && Number.isFinite(x) ? x : null);
