/** The numbers under the adapters: 4-bit blocks and the factorisations of initialisation. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FOUR_BIT_VALUES } from '../../src/main/engine/graph/ops/matmul4.ts';
import { leadingColumnsQr, symmetricEigen, topSingular } from '../../src/main/engine/nn/factor.ts';
import { dequantise4, emptyFourBit, FOUR_BIT_BLOCK, quantise4 } from '../../src/main/engine/nn/four-bit.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { layerRank, layerScale } from '../../src/shared/lora-scale.ts';

describe('4 bit', () => {
  const random = new Random(4);
  const matrix = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal());
  it.each(['nf4', 'fp4'] as const)('%s: every value becomes the nearest code, the largest of a block stays exact, and what is on the grid stays', (type) => {
    const tensor = emptyFourBit(4, 96, type)!;
    const data = matrix(4 * 96);
    quantise4(data, tensor);
    const out = dequantise4(tensor);
    data.forEach((x, i) => {
      const size = tensor.sizes[Math.floor(i / FOUR_BIT_BLOCK)]!;
      const best = Math.min(...FOUR_BIT_VALUES[type].map((v) => Math.abs(v * size - x)));
      expect(Math.abs(out[i]! - x)).toBeLessThanOrEqual(best + 1e-6 * size);
      if (Math.abs(x) === size) expect(out[i]).toBeCloseTo(x, 6);
    });
    const again = emptyFourBit(4, 96, type)!;
    quantise4(out, again);
    dequantise4(again).forEach((x, i) => { expect(x).toBeCloseTo(out[i]!, 6); });
  });
  it('nf4 loses less than fp4 on normal weights, zero blocks stay zero, and odd sizes are left alone', () => {
    const data = matrix(64 * 64);
    const error = (type: 'nf4' | 'fp4'): number => { const t = emptyFourBit(64, 64, type)!; quantise4(data, t); return Math.hypot(...dequantise4(t).map((x, i) => x - data[i]!)) / Math.hypot(...data); };
    expect(error('nf4')).toBeLessThan(0.1);
    expect(error('nf4')).toBeLessThan(error('fp4'));
    const zero = emptyFourBit(1, 64, 'nf4')!;
    quantise4(new Float32Array(64), zero);
    expect(dequantise4(zero).every((x) => x === 0)).toBe(true);
    expect(emptyFourBit(3, 7, 'nf4')).toBeNull();
  });
});

describe('factorisations', () => {
  const product = (rows: number, columns: number, inner: number, at: (i: number, j: number, k: number) => number): Float64Array => Float64Array.from({ length: rows * columns }, (_, n) => Array.from({ length: inner }, (_x, k) => at(Math.floor(n / columns), n % columns, k)).reduce((a, b) => a + b, 0));
  it('singular triplets of any matrix: W v = s u, orthonormal, falling, and all of them rebuild W', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }), fc.integer(), fc.boolean(), (m, n, seed, thin) => {
      const random = new Random(seed);
      // Of rank one, or of full rank.
      const left = Array.from({ length: m }, () => random.normal()), right = Array.from({ length: n }, () => random.normal());
      const w = Float64Array.from({ length: m * n }, (_, i) => (thin ? left[Math.floor(i / n)]! * right[i % n]! : random.normal()));
      const r = Math.min(m, n);
      const { u, s, v } = topSingular(w, m, n, r, new Random(seed, 1), null);
      const rebuilt = product(m, n, r, (i, j, k) => s[k]! * u[k * m + i]! * v[k * n + j]!);
      const size = Math.hypot(...w);
      expect(Math.max(...rebuilt.map((x, i) => Math.abs(x - w[i]!)))).toBeLessThan(1e-7 * size);
      for (let k = 1; k < r; k++) expect(s[k]!).toBeLessThanOrEqual(s[k - 1]! + 1e-7 * size);
      for (let k = 0; k < r; k++) if (s[k]! > 1e-6 * size) expect(Math.hypot(...u.subarray(k * m, (k + 1) * m))).toBeCloseTo(1, 8);
    }), { numRuns: 60 });
  });
  it('subspace iteration comes close to the largest ones where they stand apart', () => {
    const random = new Random(3), m = 24, n = 40;
    const w = product(m, n, 6, (i, j, k) => 2 ** -k * Math.sin((i + 1) * (k + 1) * 0.37) * Math.cos((j + 1) * (k + 2) * 0.21));
    const exact = topSingular(w, m, n, 3, random, null), quick = topSingular(w, m, n, 3, random, 6);
    quick.s.forEach((x, k) => { expect(Math.abs(x / exact.s[k]! - 1)).toBeLessThan(1e-3); });
  });
  it('QR of leading columns, and eigenvalues of a symmetric matrix', () => {
    const w = [4, 1, 2, 3, 5, 9, 2, 6, 1, 8, 7, 3];
    const { q, r } = leadingColumnsQr(w, 4, 3, 3);
    product(4, 3, 3, (i, j, k) => q[k * 4 + i]! * r[k * 3 + j]!).forEach((x, i) => { expect(x).toBeCloseTo(w[i]!, 10); });
    const { values } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].map((x) => Number(x.toFixed(12)))).toEqual([3, 1]);
  });
});

describe('rank and scale by pattern, as peft', () => {
  const rule = { r: 8, lora_alpha: 16, use_rslora: false, rank_pattern: { q_proj: 2, 'layers\\.1\\..*': 4 }, alpha_pattern: { '^model.layers.0.*': 3, '(': 9 } };
  it.each([['model.layers.0.self_attn.q_proj', 2, 1.5], ['model.layers.1.self_attn.q_proj', 2, 8], ['model.layers.1.mlp.up_proj', 4, 4], ['model.layers.0.mlp.up_proj', 8, 0.375], ['model.layers.2.mlp.xq_proj', 8, 2]])('%s', (module, r, scale) => {
    expect(layerRank(rule, module)).toBe(r);
    expect(layerScale(rule, module, r)).toBeCloseTo(scale, 12);
  });
});
