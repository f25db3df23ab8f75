/** Permutes the axes. */
import { dims, shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { gatherStrided } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs, stridesOf } from '../shape.ts';

export const transpose: Op<{ perm: number[] }> = {
  name: 'transpose', saves: [],
  infer(inputs, { perm }) {
    expectInputs(inputs, 1, 'transpose');
    const { shape, dtype } = inputs[0]!;
    if (perm.length !== shape.length || perm.toSorted((a, b) => a - b).some((p, i) => p !== i)) throw shapeError(`transpose: ${dims(perm)} is not a permutation of the axes of ${dims(shape)}.`);
    return [{ dtype, shape: perm.map(p => shape[p]!) }];
  },
  grad: ({ params }, dy) => [e.transpose(dy, params.perm.map((_, i) => params.perm.indexOf(i)))],
  eval(inputs, { perm }) {
    const strides = stridesOf(inputs[0]!.shape);
    return [gatherStrided(inputs[0]!, perm.map(p => inputs[0]!.shape[p]!), perm.map(p => strides[p]!))];
  },
  lower(ctx) { ctx.node('Transpose', ctx.inputs, { perm: { ints: ctx.params.perm } }, ctx.outputs); },
  samples: random => [random.shape(), random.shape(4), [2, 0, 3]].map(shape => ({ inputs: [random.real(shape)], params: { perm: random.permutation(shape.length) } })),
};
