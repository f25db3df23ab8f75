/** What a share of the peak is measured against: the best rate of square products of this process, on so many threads; float32, or 8-bit integers as int8 compute uses them. */

import { Graph } from '../src/main/engine/graph/node.ts';
import { matmul, quantizedMatmul, slice } from '../src/main/engine/graph/ops/index.ts';
import { Random } from '../src/main/engine/nn/random.ts';
import { compile, type Program } from '../src/main/engine/runtime/session.ts';

const SIZE = 2048;
const FEEDS = {
  float32: { x: new Float32Array(SIZE * SIZE).fill(0.01) },
  int8: { x: new Uint8Array(SIZE * SIZE).fill(130), s: new Float32Array(SIZE).fill(0.01) },
};
export type PeakKind = keyof typeof FEEDS;

/** A session that multiplies; `peakRate` runs it. Dispose it. */
export function peakProgram(threads: number, kind: PeakKind = 'float32'): Promise<Program> {
  const graph = new Graph();
  const random = new Random(2);
  const values = { length: SIZE * SIZE };
  const y = kind === 'float32'
    ? matmul(graph.input('x', [SIZE, SIZE]), graph.weight('w', [SIZE, SIZE], 'float32', { kind: 'data', data: Float32Array.from(values, () => (random.uniform() - 0.5) / 10) }))
    : quantizedMatmul(graph.input('x', [SIZE, SIZE], 'uint8'), graph.input('s', [SIZE, 1]), graph.weight('w', [SIZE, SIZE], 'int8', { kind: 'data', data: Int8Array.from(values, () => random.below(255) - 127) }), graph.weight('t', [SIZE], 'float32', { kind: 'data', data: new Float32Array(SIZE).fill(0.01) }));
  // Only one row leaves the session: the copy of the result is not part of the rate.
  graph.output('y', slice(y, 0, 0, 1));
  return compile(graph, { threads });
}

/** GFLOP/s (of integers: operations), the best of five products. */
export async function peakRate(program: Program, kind: PeakKind = 'float32'): Promise<number> {
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const t = performance.now();
    await program.run(FEEDS[kind]);
    best = Math.max(best, (2 * SIZE ** 3) / ((performance.now() - t) * 1e6));
  }
  return best;
}
