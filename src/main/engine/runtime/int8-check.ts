/** Are 8-bit products exact here? Kernels without a 32-bit dot product of bytes add pairs in 16 bit and saturate (AVX2 before VNNI): a product of the largest values shows it. */

import { Graph } from '../graph/node.ts';
import { quantizedMatmul } from '../graph/ops/index.ts';
import { LEVELS, ZERO_POINT } from '../graph/ops/quantize-rows.ts';
import { compile } from './session.ts';

/** Sizes that fill no vector register evenly, so that the kernels' edges run too. */
const ROWS = 19, INNER = 70, COLUMNS = 37;
type Multiply = (codes: Uint8Array, weight: Int8Array) => Promise<ArrayLike<number>>;

let known: Promise<boolean> | undefined;
/** Measured once per process, in a few milliseconds. */
export function int8IsExact(): Promise<boolean> { return known ??= multipliesExactly(byRuntime); }

/** Largest codes times largest weights, of one sign, of alternating signs, and in between. */
export async function multipliesExactly(multiply: Multiply): Promise<boolean> {
  const codes = Uint8Array.from({ length: ROWS * INNER }, (_, i) => (i % (5 * INNER) < 3 * INNER ? 255 : (i * 37) % 256));
  const weight = Int8Array.from({ length: INNER * COLUMNS }, (_, i) => { const column = i % COLUMNS; return column % 3 === 0 ? LEVELS : column % 3 === 1 ? -LEVELS : ((i * 53) % 255) - LEVELS; });
  const found = await multiply(codes, weight);
  for (let row = 0; row < ROWS; row++) for (let column = 0; column < COLUMNS; column++) {
    let sum = 0;
    for (let i = 0; i < INNER; i++) sum += (codes[row * INNER + i]! - ZERO_POINT) * weight[i * COLUMNS + column]!;
    if (found[row * COLUMNS + column] !== sum) return false;
  }
  return true;
}

async function byRuntime(codes: Uint8Array, weight: Int8Array): Promise<ArrayLike<number>> {
  const graph = new Graph();
  const fixed = graph.weight('w', [INNER, COLUMNS], 'int8', { kind: 'data', data: weight });
  graph.output('y', quantizedMatmul(graph.input('q', [ROWS, INNER], 'uint8'), graph.constant(new Float32Array(ROWS).fill(1), [ROWS, 1]), fixed, graph.weight('t', [COLUMNS], 'float32', { kind: 'data', data: new Float32Array(COLUMNS).fill(1) })));
  const program = await compile(graph, { threads: 1 });
  try {
    return (await program.run({ q: codes }))['y']!.data as Float32Array;
  } finally { await program.dispose(); }
}
