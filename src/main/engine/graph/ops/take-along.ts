/** Picks one element per index along the last axis (the log-probability of a token), and its transpose, which puts elements into zeros. */
import { dims, sameShape, shapeError } from '../dtype.ts';
import type { TensorType } from '../dtype.ts';
import * as e from '../emit.ts';
import { nd } from '../nd.ts';
import type { Nd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';

const check = (name: string, ids: TensorType, other: TensorType): void => {
  if (ids.dtype !== 'int64' && ids.dtype !== 'int32') throw shapeError(`${name} needs int32 or int64 ids, got ${ids.dtype}.`);
  if (ids.shape.length === 0 || !sameShape(ids.shape.slice(0, -1), other.shape.slice(0, -1))) throw shapeError(`${name}: ids ${dims(ids.shape)} and tensor ${dims(other.shape)} differ before the last axis.`);
};
const eachId = (ids: Nd, size: number, visit: (k: number, at: number) => void): void => {
  const per = ids.shape.at(-1)!;
  ids.data.forEach((id, k) => { visit(k, Math.floor(k / per) * size + id); });
};

export const takeAlong: Op<Record<string, never>> = {
  name: 'takeAlong', saves: ['in1'],
  infer(inputs) {
    expectInputs(inputs, 2, 'takeAlong');
    check('takeAlong', inputs[1]!, inputs[0]!);
    return [{ dtype: inputs[0]!.dtype, shape: inputs[1]!.shape }];
  },
  grad: ({ inputs }, dy) => [e.putAlong(inputs[0]!.shape.at(-1)!, inputs[1]!, dy), null],
  eval(inputs) {
    const out = nd(inputs[1]!.shape);
    eachId(inputs[1]!, inputs[0]!.shape.at(-1)!, (k, at) => { out.data[k] = inputs[0]!.data[at]!; });
    return [out];
  },
  lower(ctx) { ctx.node('GatherElements', ctx.inputs, { axis: { int: ctx.inputTypes[0]!.shape.length - 1 } }, ctx.outputs); },
  samples: random => [
    { inputs: [random.real([3, 5]), random.ints([3, 2], 5)], params: {} }, { inputs: [random.real([2, 2, 4]), random.ints([2, 2, 1], 4, 'int32')], params: {} },
    { inputs: [random.real([4]), random.ints([3], 4)], params: {} },
  ],
};

export const putAlong: Op<{ size: number }> = {
  name: 'putAlong', saves: ['in0'],
  infer(inputs, { size }) {
    expectInputs(inputs, 2, 'putAlong');
    check('putAlong', inputs[0]!, inputs[1]!);
    if (!sameShape(inputs[0]!.shape, inputs[1]!.shape)) throw shapeError(`putAlong: ids ${dims(inputs[0]!.shape)} and updates ${dims(inputs[1]!.shape)} differ.`);
    return [{ dtype: inputs[1]!.dtype, shape: [...inputs[1]!.shape.slice(0, -1), size] }];
  },
  grad: ({ inputs }, dy) => [null, e.takeAlong(dy, inputs[0]!)],
  eval(inputs, { size }) {
    const out = nd([...inputs[1]!.shape.slice(0, -1), size]);
    eachId(inputs[0]!, size, (k, at) => { out.data[at]! += inputs[1]!.data[k]!; });
    return [out];
  },
  lower(ctx) {
    const { shape, dtype } = ctx.outputTypes[0]!;
    const zeros = ctx.node('Expand', [ctx.constant(dtype, [], [0]), ctx.constant('int64', [shape.length], shape)]);
    ctx.node('ScatterElements', [...zeros, ...ctx.inputs], { axis: { int: shape.length - 1 }, reduction: { text: 'add' } }, ctx.outputs);
  },
  samples: random => [
    { inputs: [random.ints([3, 2], 5), random.real([3, 2])], params: { size: 5 } }, { inputs: [random.ints([2, 2, 1], 4), random.real([2, 2, 1])], params: { size: 4 } },
  ],
};
