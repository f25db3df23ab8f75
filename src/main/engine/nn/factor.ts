/** The few dense factorisations that adapter initialisation needs, in float64: QR of leading columns, and the largest singular triplets of a matrix (Golub-Kahan-Lanczos with full reorthogonalisation,
 * or a fixed number of subspace iterations after Halko et al. 2011). Matrices are row-major; singular vectors and Q are returned row by row. */

import type { Random } from './random.ts';

export interface Singular { /** [r, rows] */ u: Float64Array; /** [r], falling */ s: Float64Array; /** [r, columns] */ v: Float64Array }

/** Gram-Schmidt, twice, on rows: [n, width], rows that vanish become zero. */
export function orthonormalRows(data: Float64Array, n: number, width: number): Float64Array {
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * width, (i + 1) * width);
    const before = length(row);
    for (let pass = 0; pass < 2; pass++) for (let j = 0; j < i; j++) {
      const other = data.subarray(j * width, (j + 1) * width);
      subtract(row, other, dot(row, other));
    }
    const norm = length(row);
    const factor = norm > 1e-12 * before && norm > 0 ? 1 / norm : 0;
    for (let k = 0; k < width; k++) row[k] = row[k]! * factor;
  }
  return data;
}

/** W = Q R restricted to the first r columns of Q: q [r, rows] (a column of Q per row) and r [r, columns] = Q^T W. */
export function leadingColumnsQr(w: ArrayLike<number>, rows: number, columns: number, r: number): { q: Float64Array; r: Float64Array } {
  const q = new Float64Array(r * rows);
  for (let k = 0; k < r; k++) for (let o = 0; o < rows; o++) q[k * rows + o] = w[o * columns + k]!;
  orthonormalRows(q, r, rows);
  return { q, r: timesLeft(q, w, r, rows, columns) };
}

/** The r largest singular values with their vectors. `rounds` null: to convergence. */
export function topSingular(w: ArrayLike<number>, rows: number, columns: number, r: number, random: Random, rounds: number | null): Singular {
  if (rounds === null) return lanczos(w, rows, columns, r, random);
  let q: Float64Array = Float64Array.from({ length: r * columns }, () => random.normal());
  let left = orthonormalRows(timesRight(q, w, r, rows, columns), r, rows);
  for (let n = 0; n < rounds; n++) {
    q = orthonormalRows(timesLeft(left, w, r, rows, columns), r, columns);
    left = orthonormalRows(timesRight(q, w, r, rows, columns), r, rows);
  }
  // W ~ left^T (left W): decompose the small side through its Gram matrix.
  const small = timesLeft(left, w, r, rows, columns);
  const { values, vectors } = symmetricEigen(gram(small, r, columns), r);
  return fromSmall(values, vectors, left, small, { r, rows, columns, k: r });
}

function lanczos(w: ArrayLike<number>, rows: number, columns: number, r: number, random: Random): Singular {
  const limit = Math.min(rows, columns);
  const left: Float64Array[] = [], right: Float64Array[] = [];
  const alpha: number[] = [], beta: number[] = [];
  const fresh = (basis: readonly Float64Array[], width: number): Float64Array => {
    const v = Float64Array.from({ length: width }, () => random.normal());
    normalise(v, basis);
    return v;
  };
  right.push(fresh([], columns));
  let check = Math.min(limit, 2 * r + 8);
  for (let k = 0; ; k++) {
    const u = timesRight(right[k]!, w, 1, rows, columns);
    if (k > 0) subtract(u, left[k - 1]!, beta[k - 1]!);
    const a = normalise(u, left);
    left.push(a > 0 ? u : fresh(left, rows));
    alpha.push(a);
    const v = timesLeft(left[k]!, w, 1, rows, columns);
    subtract(v, right[k]!, a);
    const size = k + 1;
    const b = normalise(v, right);
    beta.push(b);
    if (size >= check) {
      const { values, vectors } = symmetricEigen(bidiagonalGram(alpha, beta, size), size);
      // Residual of triplet i: |beta_k| times the last entry of its left vector.
      const done = size >= limit || Array.from({ length: r }, (_, i) => b * Math.abs(vectors[i * size + size - 1]!)).every((e) => e <= 1e-8 * Math.sqrt(Math.max(values[0]!, 0)));
      if (done) return fromBases(values, vectors, left, w, { r, rows, columns, k: size });
      check = Math.min(limit, Math.ceil(size * 1.3));
    }
    right.push(b > 0 ? v : fresh(right, columns));
  }
}

interface Sizes { r: number; rows: number; columns: number; k: number }
function fromBases(values: Float64Array, vectors: Float64Array, left: readonly Float64Array[], w: ArrayLike<number>, sizes: Sizes): Singular {
  const { r, rows, columns, k } = sizes;
  const u = new Float64Array(r * rows);
  for (let i = 0; i < r; i++) for (let j = 0; j < k; j++) subtract(u.subarray(i * rows, (i + 1) * rows), left[j]!, -vectors[i * k + j]!);
  return withRight(u, timesLeft(u, w, r, rows, columns), values, r, columns);
}
function fromSmall(values: Float64Array, vectors: Float64Array, left: Float64Array, small: Float64Array, { r, rows, columns, k }: Sizes): Singular {
  const combine = (source: Float64Array, width: number): Float64Array => {
    const out = new Float64Array(r * width);
    for (let i = 0; i < r; i++) for (let j = 0; j < k; j++) subtract(out.subarray(i * width, (i + 1) * width), source.subarray(j * width, (j + 1) * width), -vectors[i * k + j]!);
    return out;
  };
  return withRight(combine(left, rows), combine(small, columns), values, r, columns);
}
/** u^T W = s v. */
function withRight(u: Float64Array, scaled: Float64Array, values: Float64Array, r: number, columns: number): Singular {
  const s = new Float64Array(r);
  for (let i = 0; i < r; i++) {
    const row = scaled.subarray(i * columns, (i + 1) * columns);
    const norm = length(row);
    s[i] = values[i]! > 0 ? norm : 0;
    for (let c = 0; c < columns; c++) row[c] = norm > 0 ? row[c]! / norm : 0;
  }
  return { u, s, v: scaled };
}

/** x [n, rows] -> x W [n, columns]. */
function timesLeft(x: Float64Array, w: ArrayLike<number>, n: number, rows: number, columns: number): Float64Array {
  const out = new Float64Array(n * columns);
  for (let o = 0; o < rows; o++) for (let i = 0; i < n; i++) {
    const f = x[i * rows + o]!;
    const start = o * columns, at = i * columns;
    for (let c = 0; c < columns; c++) out[at + c] = out[at + c]! + f * w[start + c]!;
  }
  return out;
}
/** x [n, columns] -> (W x^T)^T [n, rows]. */
function timesRight(x: Float64Array, w: ArrayLike<number>, n: number, rows: number, columns: number): Float64Array {
  const out = new Float64Array(n * rows);
  for (let o = 0; o < rows; o++) for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += w[o * columns + c]! * x[i * columns + c]!;
    out[i * rows + o] = sum;
  }
  return out;
}
function gram(rows: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out[i * n + j] = out[j * n + i] = dot(rows.subarray(i * width, (i + 1) * width), rows.subarray(j * width, (j + 1) * width));
  return out;
}
/** U^T W W^T U in the Lanczos basis U: from the diagonal alpha and the super-diagonal beta, whose last entry leads out of the basis. */
function bidiagonalGram(alpha: readonly number[], beta: readonly number[], n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const b = beta[i]!;
    out[i * n + i] = alpha[i]! ** 2 + b ** 2;
    if (i + 1 < n) out[i * n + i + 1] = out[(i + 1) * n + i] = b * alpha[i + 1]!;
  }
  return out;
}

/** Eigenvalues (falling) and eigenvectors (row by row) of a symmetric matrix, by cyclic Jacobi rotations. */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const m = matrix.slice();
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  const size = length(m);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += m[p * n + q]! ** 2;
    if (Math.sqrt(off) <= 1e-15 * size) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
      const apq = m[p * n + q]!;
      if (Math.abs(apq) <= 1e-18 * size) continue;
      const theta = (m[q * n + q]! - m[p * n + p]!) / (2 * apq);
      const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1), s = t * c;
      for (let k = 0; k < n; k++) {
        const x = m[k * n + p]!, y = m[k * n + q]!;
        m[k * n + p] = c * x - s * y;
        m[k * n + q] = s * x + c * y;
      }
      for (let k = 0; k < n; k++) {
        const x = m[p * n + k]!, y = m[q * n + k]!;
        m[p * n + k] = c * x - s * y;
        m[q * n + k] = s * x + c * y;
        const u = rows[p * n + k]!, v = rows[q * n + k]!;
        rows[p * n + k] = c * u - s * v;
        rows[q * n + k] = s * u + c * v;
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((x, y) => m[y * n + y]! - m[x * n + x]!);
  const values = Float64Array.from(order, (i) => m[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => { vectors.set(rows.subarray(from * n, (from + 1) * n), to * n); });
  return { values, vectors };
}

function dot(x: Float64Array, y: Float64Array): number { let sum = 0; for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!; return sum; }
function length(x: Float64Array): number { return Math.sqrt(dot(x, x)); }
function subtract(x: Float64Array, y: Float64Array, factor: number): void { for (let i = 0; i < x.length; i++) x[i] = x[i]! - factor * y[i]!; }
/** Makes x orthogonal to the basis and of length one; returns the length that it had, 0 when nothing is left. */
function normalise(x: Float64Array, basis: readonly Float64Array[]): number {
  const before = length(x);
  for (let pass = 0; pass < 2; pass++) for (const b of basis) subtract(x, b, dot(x, b));
  const norm = length(x);
  if (norm <= 1e-13 * before || norm === 0) return 0;
  for (let i = 0; i < x.length; i++) x[i] = x[i]! / norm;
  return norm;
}
