/**
 * Rounds the columns of a matrix to 8 bit, turned by a Hadamard matrix in blocks: in tiles that stay in the cache, and so that what lies side by side in memory is worked on side by side. 106M weights, both copies: see docs/decisions/0014.
 */

/**
 * Columns `from` to `to` of a matrix [k, n] into `codes` [k, n] and `scales` [n]. `across`: `data` lies as the transpose [n, k]. `block`: rows that are turned together (a power of two that divides k).
 * Its text is run by other threads too (int8-threads): it uses nothing from outside.
 */
export function roundColumns(data: Float32Array, across: boolean, k: number, n: number, block: number, codes: Int8Array, scales: Float32Array, from: number, to: number): void {
  const LEVELS = 127, WIDTH = 64;
  const tile = new Float32Array(k * WIDTH);
  const most = new Float32Array(WIDTH);
  const factors = new Float64Array(WIDTH);
  const unit = 1 / Math.sqrt(block);
  const load = (start: number, column: number, width: number): void => {
    if (across) {
      for (let c = 0; c < width; c++) for (let i = 0, at = (column + c) * k + start, put = start * WIDTH + c; i < block; i++, at++, put += WIDTH) tile[put] = data[at]!;
    } else {
      for (let i = start; i < start + block; i++) tile.set(data.subarray(i * n + column, i * n + column + width), i * WIDTH);
    }
  };
  // Two halvings at a time: whole rows of the tile are added and subtracted, each sum rounded to float32.
  const turn = (start: number): void => {
    const first = start * WIDTH, end = first + block * WIDTH;
    let half = WIDTH;
    for (; half * 4 <= block * WIDTH; half *= 4) for (let i = first; i < end; i += 4 * half) for (let a = i, b = i + half, c = b + half, d = c + half, stop = b; a < stop; a++, b++, c++, d++) {
      const [va, vb, vc, vd] = [tile[a]!, tile[b]!, tile[c]!, tile[d]!];
      const plus = Math.fround(va + vb), minus = Math.fround(va - vb), plus2 = Math.fround(vc + vd), minus2 = Math.fround(vc - vd);
      tile[a] = plus + plus2;
      tile[b] = minus + minus2;
      tile[c] = plus - plus2;
      tile[d] = minus - minus2;
    }
    if (half < block * WIDTH) for (let a = first, b = first + half, stop = b; a < stop; a++, b++) {
      const va = tile[a]!, vb = tile[b]!;
      tile[a] = va + vb;
      tile[b] = va - vb;
    }
  };
  for (let column = from; column < to; column += WIDTH) {
    const width = Math.min(WIDTH, to - column);
    most.fill(0);
    for (let start = 0; start < k; start += block) {
      load(start, column, width);
      turn(start);
      for (let i = start; i < start + block; i++) for (let c = 0, at = i * WIDTH; c < width; c++, at++) {
        const value = Math.fround(tile[at]! * unit), size = Math.abs(value);
        tile[at] = value;
        if (size > most[c]!) most[c] = size;
      }
    }
    for (let c = 0; c < width; c++) {
      const size = most[c]!, factor = size > 0 ? LEVELS / size : 0;
      scales[column + c] = size / LEVELS;
      factors[c] = across ? factor : Math.fround(factor);
    }
    // Half way between two steps goes up.
    for (let i = 0; i < k; i++) for (let c = 0, at = i * WIDTH, put = i * n + column; c < width; c++, at++, put++) codes[put] = Math.floor(tile[at]! * factors[c]! + 0.5);
  }
}
