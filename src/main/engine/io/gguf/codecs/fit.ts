/** Fits of a scale, or a scale and a minimum, to a few values: weighted least squares over several starting scales, with the search grids of ggml's K formats. */

export interface AffineFit { scale: number; /** What is subtracted: value = scale * q - minimum; not negative. */ minimum: number }

const clamp = (v: number, low: number, high: number): number => (v < low ? low : v > high ? high : v);

/** value = scale * q - minimum with q in 0..top. Large values weigh more: w = rms + |x|. `first`, `steps`: the grid of starting scales, top + first + 0.1 k over the range. */
export function fitAffine(x: Float32Array, from: number, n: number, top: number, first: number, steps: number): AffineFit {
  let low = 0, high = x[from]!, squares = 0;
  for (let i = from; i < from + n; i++) { const v = x[i]!; if (v < low) low = v; if (v > high) high = v; squares += v * v; }
  if (high <= low) return { scale: 0, minimum: -low };
  const rms = Math.sqrt(squares / n), width = high - low;
  let weight = 0, weighted = 0;
  for (let i = from; i < from + n; i++) { const w = rms + Math.abs(x[i]!); weight += w; weighted += w * x[i]!; }
  let scale = width / top, offset = low, best = Infinity;
  // Step -1 is the plain scale, as it is; the others are refined by least squares.
  for (let step = -1; step <= steps; step++) {
    const guess = step < 0 ? top / width : (top + first + 0.1 * step) / width;
    let l1 = 0, l2 = 0, xl = 0;
    for (let i = from; i < from + n; i++) {
      const v = x[i]!, w = rms + Math.abs(v), q = clamp(Math.round(guess * (v - low)), 0, top);
      l1 += w * q; l2 += w * q * q; xl += w * q * v;
    }
    let s = scale, m = low;
    if (step >= 0) {
      const d = weight * l2 - l1 * l1;
      if (d <= 0) continue;
      s = (weight * xl - weighted * l1) / d;
      m = (l2 * weighted - l1 * xl) / d;
      if (m > 0) { m = 0; s = xl / l2; }
    } else s = width / top;
    let error = 0;
    for (let i = from; i < from + n; i++) {
      const v = x[i]!, e = s * clamp(Math.round(guess * (v - low)), 0, top) + m - v;
      error += (rms + Math.abs(v)) * e * e;
    }
    if (error < best) { best = error; scale = s; offset = m; }
  }
  return { scale, minimum: -offset };
}

/** value = scale * q with q in -top..top-1; weights are the squares of the values. */
export function fitSymmetric(x: Float32Array, from: number, n: number, top: number): number {
  let far = 0;
  for (let i = from; i < from + n; i++) if (Math.abs(x[i]!) > Math.abs(far)) far = x[i]!;
  if (Math.abs(far) < 1e-15) return 0;
  let scale = 0, best = -1;
  for (let step = -9; step <= 9; step++) {
    const guess = -(top + 0.1 * step) / far;
    let xl = 0, l2 = 0;
    for (let i = from; i < from + n; i++) {
      const v = x[i]!, w = v * v, q = clamp(Math.round(guess * v), -top, top - 1);
      xl += w * v * q; l2 += w * q * q;
    }
    if (l2 > 0 && (xl * xl) / l2 > best) { best = (xl * xl) / l2; scale = xl / l2; }
  }
  return scale;
}
