/** a + b, and its RMSNorm, in one kernel (contrib op SkipSimplifiedLayerNormalization): outputs the norm [..., N] and the sum. Made by passes/inference. */

import { dims, sameShape, shapeError } from '../../dtype.ts';
import { nd } from '../../nd.ts';
import type { Op } from '../../op.ts';
import { expectInputs, expectSameDtype } from '../../shape.ts';
import { rmsNormFused } from './rms-norm.ts';

export const skipNorm: Op<{ eps: number }> = {
  name: 'skipNorm', saves: [], fused: true,
  infer(inputs) {
    expectInputs(inputs, 3, 'skipNorm');
    expectSameDtype(inputs, 'skipNorm');
    const [a, b, w] = [inputs[0]!, inputs[1]!, inputs[2]!];
    if (![2, 3].includes(a.shape.length) || !sameShape(a.shape, b.shape) || w.shape.length !== 1 || w.shape[0] !== a.shape.at(-1)) throw shapeError(`skipNorm: ${dims(a.shape)} and ${dims(b.shape)} must be alike, of rank 2 or 3, and the weight ${dims(w.shape)} must have the size of their last axis.`);
    const type = { dtype: a.dtype, shape: a.shape };
    return [type, type];
  },
  eval([a, b, w], params) {
    const sum = nd(a!.shape, a!.data.map((x, i) => x + b!.data[i]!));
    return [rmsNormFused.eval([sum, w!], params)[0]!, sum];
  },
  lower(ctx) {
    const [a, b, w] = ctx.inputs as [string, string, string];
    const [norm, sum] = ctx.outputs as [string, string];
    const { eps } = ctx.params;
    if (ctx.inputTypes[0]!.dtype === 'float32') { ctx.node('SkipSimplifiedLayerNormalization', [a, b, w], { epsilon: { float: eps } }, [norm, '', '', sum], 'ms'); return; }
    ctx.node('Add', [a, b], {}, [sum]);
    ctx.node('SimplifiedLayerNormalization', [sum, w], { axis: { int: -1 }, epsilon: { float: eps }, stash_type: { int: 1 } }, [norm]);
  },
  samples: random => [[3, 8], [2, 1, 16]].map(shape => ({ inputs: [random.real(shape), random.real(shape), random.real([shape.at(-1)!])], params: { eps: 2 ** -20 } })),
};
