import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKING_STRATEGIES, pack, type PackingStrategy } from '../../src/main/data/packing/packing.ts';

/** The example of TRL's packing: row length 4. */
const rows = [[1, 2, 3, 4, 5], [6, 7], [8, 9, 10], [11]];
const packed = (strategy: PackingStrategy): number[][] => pack(rows.map((r) => r.length), 4, strategy).groups.map((g) => g.flatMap((p) => (rows[p.row] ?? []).slice(p.start, p.end)));

describe('packing', () => {
  it('the example, by strategy', () => {
    expect(packed('bfd')).toEqual([[1, 2, 3, 4], [8, 9, 10, 11], [6, 7]]);
    expect(packed('bfd_split')).toEqual([[1, 2, 3, 4], [8, 9, 10, 5], [6, 7, 11]]);
    expect(packed('wrapped')).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11]]);
  });
  it('counts what it fills and what it leaves out', () => {
    expect(pack([5, 2, 3, 1], 4, 'bfd')).toMatchObject({ fill: 10 / 12, discarded: 1, cut_rows: 1 });
    expect(pack([5, 2, 3, 1], 4, 'wrapped')).toMatchObject({ fill: 11 / 12, discarded: 0 });
    expect(pack([], 4, 'bfd')).toEqual({ groups: [], fill: 0, discarded: 0, cut_rows: 0 });
    expect(() => pack([1], 0, 'bfd')).toThrow(expect.objectContaining({ code: 'recipe-value' }));
  });
  it('works in blocks', () => {
    expect(pack([2, 2, 2, 2], 4, 'bfd', 1).groups).toHaveLength(4);
    expect(pack([2, 2, 2, 2], 4, 'bfd', Infinity).groups).toHaveLength(2);
  });
  it('loses and repeats no token but those that bfd cuts, and overfills no row', () => {
    fc.assert(fc.property(fc.array(fc.nat(40), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom(...PACKING_STRATEGIES), fc.integer({ min: 1, max: 30 }), (lengths, capacity, strategy, block) => {
      const { groups, fill, discarded } = pack(lengths, capacity, strategy, block);
      const seen = lengths.map((n) => new Uint8Array(n));
      let tokens = 0;
      for (const g of groups) {
        const size = g.reduce((n, p) => n + p.end - p.start, 0);
        expect(size).toBeGreaterThan(0);
        expect(size).toBeLessThanOrEqual(capacity);
        tokens += size;
        for (const p of g) for (let i = p.start; i < p.end; i++) { const row = seen[p.row]; if (row) row[i] = (row[i] ?? 0) + 1; }
      }
      lengths.forEach((n, row) => { for (let i = 0; i < n; i++) expect(seen[row]?.[i]).toBe(strategy === 'bfd' && i >= capacity ? 0 : 1); });
      expect(tokens + discarded).toBe(lengths.reduce((a, b) => a + b, 0));
      expect(fill).toBeCloseTo(groups.length ? tokens / (groups.length * capacity) : 0, 12);
    }), { numRuns: 200 });
  });
  it('best fit never needs more rows than 11/9 of the least plus one', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 200 }), (lengths) => {
      const least = Math.ceil(lengths.reduce((a, b) => a + b, 0) / 16);
      expect(pack(lengths, 16, 'bfd').groups.length).toBeLessThanOrEqual(Math.floor((11 / 9) * Math.max(least, lengths.filter((n) => n > 8).length)) + 1);
    }));
  });
});

describe('fill on lengths as datasets have them', () => {
  /** Log-normal, seeded: Box-Muller over a linear congruential generator. */
  function lengths(rows: number, median: number, sigma: number, most: number): number[] {
    let state = 12345;
    const uniform = (): number => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return (state + 0.5) / 2 ** 32; };
    return Array.from({ length: rows }, () => Math.min(most, Math.max(4, Math.round(median * Math.exp(sigma * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))))));
  }
  // Short questions and answers; instructions; long answers cut at the row; pairs as token trees in rows of the longest.
  it.each([[2000, 90, 0.8, 512, 512], [5000, 190, 0.6, 1024, 1024], [2000, 400, 0.9, 1024, 1024], [1000, 310, 0.35, 700, 1024]] as const)('%i rows, median %i, sigma %f, at most %i, in rows of %i: at least 97 %%', (rows, median, sigma, most, capacity) => {
    expect(pack(lengths(rows, median, sigma, most), capacity, 'bfd').fill).toBeGreaterThanOrEqual(0.97);
  });
});
