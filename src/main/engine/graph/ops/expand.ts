/** Broadcasts to a shape. */
import { dims, sameShape, shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { broadcastStrides, gatherStrided } from '../nd.ts';
import type { Op } from '../op.ts';
import { broadcastShapes, expectInputs } from '../shape.ts';

export const expand: Op<{ shape: number[] }> = {
  name: 'expand', saves: [],
  infer(inputs, { shape }) {
    expectInputs(inputs, 1, 'expand');
    if (!sameShape(broadcastShapes(inputs[0]!.shape, shape, 'expand'), shape)) throw shapeError(`expand: ${dims(inputs[0]!.shape)} cannot become ${dims(shape)}.`);
    return [{ dtype: inputs[0]!.dtype, shape }];
  },
  grad: ({ inputs }, dy) => [e.unbroadcast(dy, inputs[0]!.shape)],
  eval: (inputs, { shape }) => [gatherStrided(inputs[0]!, shape, broadcastStrides(inputs[0]!.shape, shape))],
  lower(ctx) { ctx.node('Expand', [ctx.inputs[0]!, ctx.constant('int64', [ctx.params.shape.length], ctx.params.shape)], {}, ctx.outputs); },
  samples: random => [
    { inputs: [random.real([])], params: { shape: [2, 3] } }, { inputs: [random.real([2, 1, 3])], params: { shape: [4, 2, 5, 3] } },
    { inputs: [random.real([1, 2])], params: { shape: [0, 2] } },
  ],
};
