/** Converts the element type. Float to integer truncates towards zero; anything but 0 is true. */
import { isFloat } from '../dtype.ts';
import type { DType } from '../dtype.ts';
import * as e from '../emit.ts';
import { mapNd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';
import { ONNX_TYPE } from '../onnx-type.ts';

export const cast: Op<{ to: DType }> = {
  name: 'cast', saves: [],
  infer(inputs, { to }) { expectInputs(inputs, 1, 'cast'); return [{ dtype: to, shape: inputs[0]!.shape }]; },
  grad: ({ inputs, params }, dy) => [isFloat(params.to) && isFloat(inputs[0]!.dtype) ? e.cast(dy, inputs[0]!.dtype) : null],
  eval: (inputs, { to }) => [to === 'bool' ? mapNd(inputs[0]!, x => (x ? 1 : 0)) : isFloat(to) ? inputs[0]! : mapNd(inputs[0]!, Math.trunc)],
  lower(ctx) { ctx.node('Cast', ctx.inputs, { to: { int: ONNX_TYPE[ctx.params.to] } }, ctx.outputs); },
  samples: random => [
    { inputs: [random.ints(random.shape(), 5)], params: { to: 'float32' } },
    { inputs: [random.nonzero(random.shape(), 0.2, 3)], params: { to: 'int64' } },
    { inputs: [random.nonzero(random.shape(), 0.2, 3)], params: { to: 'int32' } },
    { inputs: [random.ints(random.shape(), 2, 'int32')], params: { to: 'bool' } },
    { inputs: [random.bools(random.shape())], params: { to: 'int64' } },
    { inputs: [random.real(random.shape())], params: { to: 'float64' }, tolerance: 1e-6 },
  ],
};
