/** Counts, not times: a graph that grows by more than a tenth in work, nodes or memory fails here, on any machine. */

import { describe, expect, test } from 'vitest';
import recorded from './canonical-graphs.json' with { type: 'json' };
import { CANONICAL, compareCounts, countsOf, type Counts } from './canonical-graphs.ts';

const bar = recorded as Record<string, Counts>;

test.each(CANONICAL)('$id', ({ id, make }) => {
  expect(compareCounts(id, bar[id], countsOf(make()))).toEqual([]);
});

test('twelve graphs, and nothing recorded that no longer exists', () => {
  expect(CANONICAL.length).toBe(12);
  expect(Object.keys(bar).filter((id) => !CANONICAL.some((c) => c.id === id))).toEqual([]);
});

describe('the comparison itself', () => {
  const counts: Counts = { gflop: 100, nodes: 1000, activation_mb: 50, planned_mb: 200 };
  test('lets a tenth pass', () => { expect(compareCounts('g', counts, { ...counts, gflop: 109.9, nodes: 901 })).toEqual([]); });
  test('names what grew, by how much, and what to do', () => {
    expect(compareCounts('g', counts, { ...counts, nodes: 1111 })).toEqual(['g: nodes went from 1000 to 1111 (+11.1 %); if this is meant, record it with: node test/engine/canonical-graphs-record.ts']);
  });
  test('asks to record what became better, and what is new', () => {
    expect(compareCounts('g', counts, { ...counts, activation_mb: 40 })).toEqual(['g: activation_mb went from 50 to 40 (-20.0 %); better: record it with: node test/engine/canonical-graphs-record.ts']);
    expect(compareCounts('g', undefined, counts)[0]).toMatch(/^g is not recorded yet/);
  });
});
