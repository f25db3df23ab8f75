/** A training step that is large enough to run on several threads; for the determinism tests. */

import * as fn from '../../src/main/engine/graph/fn/index.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { gradients, optimize } from '../../src/main/engine/graph/passes/index.ts';

/** A step with every kind of reduction that could be reordered: scatter-add with many repeats, matmuls, softmax, norms. */
export function stepGraph(): { g: Graph; feeds: Record<string, Float32Array | BigInt64Array> } {
  const g = new Graph();
  const [t, d, v] = [192, 64, 50];
  const ids = g.input('ids', [t], 'int64');
  const [table, w] = [g.input('table', [v, d]), g.input('w', [d, d])];
  const x = fn.rmsNorm(o.matmul(o.gather(table, ids), w, { transB: true }), g.constant(new Float32Array(d).fill(1)), 1e-5);
  const q = o.reshape(x, [1, 1, t, d]);
  const y = o.reshape(fn.attention({ q, k: q, v: q, causal: true, chunk: 64 }), [t, d]);
  const { loss } = fn.crossEntropyRows(fn.silu(y), table, ids, g.constant(new Float32Array(t).fill(1 / t)), { chunk: 64 });
  g.output('loss', loss);
  gradients(loss, [table, w]).forEach((dv, i) => g.output(`d${i}`, dv));
  const wave = (n: number, k: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.7 + k));
  return { g: optimize(g), feeds: { ids: BigInt64Array.from({ length: t }, (_, i) => BigInt((i * i) % 7)), table: wave(v * d, 1), w: wave(d * d, 2) } };
}
