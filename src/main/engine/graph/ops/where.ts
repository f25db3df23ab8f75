/** condition ? a : b, broadcasting. */
import { shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { zipNd } from '../nd.ts';
import type { Op } from '../op.ts';
import { broadcastShapes, expectInputs, expectSameDtype } from '../shape.ts';

export const where: Op<Record<string, never>> = {
  name: 'where', saves: ['in0'],
  infer(inputs) {
    expectInputs(inputs, 3, 'where');
    const [c, a, b] = [inputs[0]!, inputs[1]!, inputs[2]!];
    if (c.dtype !== 'bool') throw shapeError(`where needs a bool condition, got ${c.dtype}.`);
    expectSameDtype([a, b], 'where');
    return [{ dtype: a.dtype, shape: broadcastShapes(c.shape, broadcastShapes(a.shape, b.shape, 'where'), 'where') }];
  },
  grad({ inputs, needs }, dy) {
    const [c, a, b] = [inputs[0]!, inputs[1]!, inputs[2]!];
    return [null, needs[1] ? e.unbroadcast(e.where(c, dy, 0), a.shape) : null, needs[2] ? e.unbroadcast(e.where(c, 0, dy), b.shape) : null];
  },
  eval: inputs => [zipNd(inputs, (c, a, b) => (c ? a! : b!))],
  lower(ctx) { ctx.node('Where', ctx.inputs, {}, ctx.outputs); },
  flops: (_, outputs) => outputs[0]!.shape.reduce((a, b) => a * b, 1),
  samples: random => [random.broadcastable(3), [[2, 1], [3], [1, 3]], [[2], [], []]].map(([c, a, b]) => ({ inputs: [random.bools(c!), random.real(a!), random.real(b!)], params: {} })),
};
