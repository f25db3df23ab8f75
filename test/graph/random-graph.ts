/** Random small training graphs: a chain of segments over a state matrix, with side values, a scalar loss and its gradients. */

import * as fn from '../../src/main/engine/graph/fn/index.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import type { Real, TypedArray, Value } from '../../src/main/engine/graph/node.ts';
import { toTyped } from '../../src/main/engine/graph/dtype.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { gradients } from '../../src/main/engine/graph/passes/index.ts';
import { Sampler } from '../../src/main/engine/graph/sample.ts';

export function randomGraph(seed: number, real: Real = 'float64'): { graph: Graph; feeds: Record<string, TypedArray> } {
  const r = new Sampler(seed);
  const g = new Graph({ real });
  const feeds: Record<string, TypedArray> = {};
  const [n, d] = [r.int(1, 5), 2 * r.int(1, 4)];
  const input = (name: string, shape: number[]): Value => { feeds[name] = toTyped(real, r.real(shape, -1, 1).data); return g.input(name, shape); };
  const weight = (name: string, shape: number[]): Value => g.weight(name, shape, real, { kind: 'data', data: toTyped(real, r.real(shape, -1, 1).data) });
  const trained: Value[] = [];
  const param = (name: string, shape: number[]): Value => { const v = input(name, shape); trained.push(v); return v; };

  let x = o.neg(input('x', [n, d]));
  const layers = r.int(1, 5);
  for (let i = 0; i < layers; i++) {
    x = g.segment(`layer.${i}`, () => {
      const steps: (() => Value)[] = [
        () => fn.linear(x, weight(`w${i}`, [d, d]), undefined, r.pick([1, 0.5])),
        () => o.add(x, o.mul(o.matmul(o.matmul(x, param(`a${i}`, [2, d]), { transB: true }), param(`b${i}`, [d, 2]), { transB: true }), 0.25)),
        () => fn.rmsNorm(x, param(`n${i}`, [d]), 1e-5),
        () => fn.silu(x),
        () => o.matmul(o.transpose(o.matmul(x, x, { transB: true }), [1, 0]), x),
        () => o.concat([o.slice(x, 1, d / 2, d), o.slice(x, 1, 0, d / 2)], 1),
        () => { const q = o.reshape(x, [1, 1, n, d]); return o.reshape(fn.attention({ q, k: q, v: q, causal: true, chunk: 2 }), [n, d]); },
        () => o.softmax(o.neg(o.neg(x))),
        () => o.sub(x, o.expand(o.reduceMean(x, [1], true), [n, d])),
        () => o.gather(x, g.constant(Array.from({ length: n }, () => r.int(0, n)), [n], 'int64')),
        () => o.add(o.mul(x, o.add(g.constant(0.5), g.constant(0.5))), o.stopGradient(o.tanh(x))),
      ];
      const first = x;
      const many = r.int(1, 4);
      for (let k = 0; k < many; k++) { const step = steps.splice(r.int(0, steps.length), 1)[0]; if (step) x = step(); }
      return o.add(first, x);
    });
  }
  const loss = o.reduceSum(o.mul(o.tanh(x), weight('out', [n, d])));
  g.output('loss', loss);
  g.output('x_end', x);
  gradients(loss, [g.inputs[0] as Value, ...trained]).forEach((v, i) => g.output(`grad${i}`, v));
  return { graph: g, feeds };
}
