/** The pyramid: growing it point by point equals building it at once, and what it answers equals what the raw points say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOfPoint, CHUNK_ROWS, condense, cover, FACTOR, levelFor, merge, PyramidWriter, readRow, rowWidth } from '../../src/main/store/pyramid.ts';
import type { Bucket, Chunk } from '../../src/main/store/pyramid.ts';

/** Stores chunks as the database does: the newest form of each replaces the older. */
class Shelf {
  readonly chunks = new Map<string, Chunk>();
  take(changed: Chunk[]): void { for (const c of changed) this.chunks.set(`${c.level}/${c.chunk}`, { ...c, data: c.data.slice() }); }
  rows(level: number, from: number, to: number): Bucket[] {
    return Array.from({ length: to - from }, (_, k) => {
      const chunk = this.chunks.get(`${level}/${Math.floor((from + k) / CHUNK_ROWS)}`);
      if (!chunk || (from + k) % CHUNK_ROWS >= chunk.rows) throw new Error(`row ${from + k} of level ${level} is missing`);
      return readRow(level, chunk.data, (from + k) % CHUNK_ROWS);
    });
  }
}

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { maxLength: 3000 });

test('in batches of any size = at once', () => {
  fc.assert(fc.property(values, fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), (points, sizes) => {
    const whole = new Shelf(), pieces = new Shelf(), a = new PyramidWriter(), b = new PyramidWriter();
    for (const [i, v] of points.entries()) a.append(i, v);
    whole.take(a.takeChanged());
    for (let i = 0, k = 0; i < points.length; k++) {
      const n = sizes[k % sizes.length] ?? 1;
      for (const [j, v] of points.slice(i, i + n).entries()) b.append(i + j, v);
      pieces.take(b.takeChanged());
      i += n;
    }
    expect(pieces.chunks).toEqual(whole.chunks);
  }), { numRuns: 40 });
});

test('any range at any resolution keeps count, extremes and mean', () => {
  fc.assert(fc.property(values, fc.nat(3000), fc.nat(3000), fc.integer({ min: 2, max: 200 }), (points, p, q, most) => {
    const shelf = new Shelf(), writer = new PyramidWriter();
    for (const [i, v] of points.entries()) writer.append(i, v);
    shelf.take(writer.takeChanged());
    const from = Math.min(p, q, points.length), to = Math.min(Math.max(p, q), points.length), raw = points.slice(from, to);
    const spans = cover(from, to, levelFor(raw.length, most));
    expect(spans.map((s) => (s.to - s.from) * FACTOR ** s.level).reduce((x, y) => x + y, 0)).toBe(raw.length);
    const out = condense(spans.flatMap((s) => shelf.rows(s.level, s.from, s.to)), most);
    expect(out.length).toBeLessThanOrEqual(Math.max(most, 0));
    if (raw.length <= most) { expect(out).toEqual(raw.map((v, i) => bucketOfPoint(from + i, v))); return; }
    const all = out.reduce(merge);
    expect([all.first, all.last, all.count]).toEqual([from, to - 1, raw.length]);
    expect([all.min, all.max]).toEqual([raw.reduce((m, v) => Math.min(m, v)), raw.reduce((m, v) => Math.max(m, v))]);
    expect(all.sum / all.count).toBeCloseTo(raw.reduce((s, v) => s + v, 0) / raw.length, 3);
    for (const b of out) expect([b.min, b.max]).toEqual([Math.min(...points.slice(b.first, b.last + 1)), Math.max(...points.slice(b.first, b.last + 1))]);
  }), { numRuns: 60 });
});

test('steps must rise and values be finite', () => {
  const writer = new PyramidWriter();
  expect([writer.append(1, 5), writer.append(1, 6), writer.append(0, 1), writer.append(2, NaN), writer.append(2, 7)]).toEqual([true, false, false, false, true]);
  expect(writer.takeChanged()).toHaveLength(1);
  expect(rowWidth(0)).toBe(2);
});
