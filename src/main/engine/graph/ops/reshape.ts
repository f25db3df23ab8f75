/** Same elements, another shape; no copy in ORT. */
import { dims, elementCount, shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { nd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';

export const reshape: Op<{ shape: number[] }> = {
  name: 'reshape', saves: [],
  infer(inputs, { shape }) {
    expectInputs(inputs, 1, 'reshape');
    if (shape.some(d => !Number.isInteger(d) || d < 0) || elementCount(shape) !== elementCount(inputs[0]!.shape)) throw shapeError(`reshape: ${dims(inputs[0]!.shape)} does not fit ${dims(shape)}.`);
    return [{ dtype: inputs[0]!.dtype, shape }];
  },
  grad: ({ inputs }, dy) => [e.reshape(dy, inputs[0]!.shape)],
  eval: (inputs, { shape }) => [nd(shape, inputs[0]!.data)],
  lower(ctx) { ctx.node('Reshape', [ctx.inputs[0]!, ctx.constant('int64', [ctx.params.shape.length], ctx.params.shape)], { allowzero: { int: 1 } }, ctx.outputs); },
  samples: random => [
    { inputs: [random.real([2, 6])], params: { shape: [3, 4] } }, { inputs: [random.real([1])], params: { shape: [] } },
    { inputs: [random.real([])], params: { shape: [1, 1] } }, { inputs: [random.real([2, 0])], params: { shape: [0, 5] } },
  ],
};
