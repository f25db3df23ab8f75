/**
 * Rows of updates added into a zero tensor at ids; repeated ids add up. Lowered to ScatterElements with reduction "add" (a serial loop in ORT, so the order
 * of additions is fixed), with the ids expanded over the row: measured bit-identical over runs, which ScatterND is not promised to be.
 */
import { dims, elementCount, shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { nd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';

export const scatterAdd: Op<{ rows: number }> = {
  name: 'scatterAdd', saves: ['in0'],
  infer(inputs, { rows }) {
    expectInputs(inputs, 2, 'scatterAdd');
    const [ids, updates] = [inputs[0]!, inputs[1]!];
    if (ids.shape.length !== 1 || updates.shape[0] !== ids.shape[0]) throw shapeError(`scatterAdd: ids ${dims(ids.shape)} must have rank 1 and one id per row of updates ${dims(updates.shape)}.`);
    return [{ dtype: updates.dtype, shape: [rows, ...updates.shape.slice(1)] }];
  },
  grad: ({ inputs }, dy) => [null, e.gather(dy, inputs[0]!, 0)],
  eval(inputs, { rows }) {
    const [ids, updates] = [inputs[0]!, inputs[1]!];
    const out = nd([rows, ...updates.shape.slice(1)]);
    const inner = elementCount(updates.shape.slice(1));
    ids.data.forEach((id, j) => { for (let i = 0; i < inner; i++) out.data[id * inner + i]! += updates.data[j * inner + i]!; });
    return [out];
  },
  lower(ctx) {
    const { shape: up, dtype } = ctx.inputTypes[1]!;
    const n = up[0]!;
    const column = ctx.node('Reshape', [ctx.inputs[0]!, ctx.constant('int64', [up.length], up.map((_, i) => (i ? 1 : n)))]);
    const ids = ctx.node('Expand', [...column, ctx.constant('int64', [up.length], up)]);
    const zeros = ctx.node('Expand', [ctx.constant(dtype, [], [0]), ctx.constant('int64', [up.length], ctx.outputTypes[0]!.shape)]);
    ctx.node('ScatterElements', [...zeros, ...ids, ctx.inputs[1]!], { axis: { int: 0 }, reduction: { text: 'add' } }, ctx.outputs);
  },
  samples: random => [
    { inputs: [random.ints([6], 4), random.real([6, 3])], params: { rows: 4 } }, { inputs: [random.ints([5], 3, 'int32'), random.real([5, 2, 2])], params: { rows: 3 } },
    { inputs: [random.ints([4], 2), random.real([4])], params: { rows: 3 } },
  ],
};
