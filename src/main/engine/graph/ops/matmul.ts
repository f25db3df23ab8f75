/**
 * alpha * op(a) @ op(b) on the last two axes. Transposition and scale are parameters, so its gradient is again two matmuls and no weight is ever
 * copied transposed. Rank-2 operands lower to Gemm, batches to FusedMatMul (float32 on CPU), otherwise to Transpose and MatMul.
 */
import { dims, isFloat, shapeError } from '../dtype.ts';
import type { TensorType } from '../dtype.ts';
import * as e from '../emit.ts';
import { broadcastStrides, nd, walk } from '../nd.ts';
import type { LowerContext, Op } from '../op.ts';
import { broadcastShapes, expectInputs, expectSameDtype } from '../shape.ts';

export interface MatmulParams { transA: boolean; transB: boolean; alpha: number }

export function matmulDims(inputs: readonly TensorType[], { transA, transB }: MatmulParams, where = 'matmul') {
  const [a, b] = [inputs[0]!, inputs[1]!];
  if (a.shape.length < 2 || b.shape.length < 2) throw shapeError(`${where} needs tensors of rank 2 or more, got ${dims(a.shape)} and ${dims(b.shape)}.`);
  const [ra, rb] = [a.shape.length, b.shape.length];
  const m = a.shape[transA ? ra - 1 : ra - 2]!;
  const k = a.shape[transA ? ra - 2 : ra - 1]!;
  const kb = b.shape[transB ? rb - 1 : rb - 2]!;
  const n = b.shape[transB ? rb - 2 : rb - 1]!;
  if (k !== kb) throw shapeError(`${where}: inner sizes differ, ${dims(a.shape)}${transA ? ' transposed' : ''} with ${dims(b.shape)}${transB ? ' transposed' : ''}.`);
  if (a.shape.length === 2 && b.shape.length === 2) return { m, k, n, batch: [] };
  return { m, k, n, batch: broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), where) };
}

/** Swaps the last two axes of an ONNX tensor. */
export function lowerSwap(ctx: LowerContext<MatmulParams>, name: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return ctx.node('Transpose', [name], { perm: { ints: perm } })[0]!;
}

export function lowerMatmul(ctx: LowerContext<MatmulParams>): void {
  const { transA, transB, alpha } = ctx.params;
  const [a, b] = ctx.inputTypes as [TensorType, TensorType];
  // Attributes are float32: in a double graph a scale that does not fit is a product of its own.
  if (a.dtype === 'float64' && Math.fround(alpha) !== alpha) {
    const scaled = ctx.node('Mul', [ctx.inputs[0]!, ctx.constant(a.dtype, [], [alpha])])[0]!;
    lowerMatmul({ ...ctx, inputs: [scaled, ctx.inputs[1]!], params: { transA, transB, alpha: 1 } });
    return;
  }
  const attributes = { transA: { int: Number(transA) }, transB: { int: Number(transB) }, alpha: { float: alpha } };
  if (a.shape.length === 2 && b.shape.length === 2 && (transA || transB || alpha !== 1)) { ctx.node('Gemm', ctx.inputs, attributes, ctx.outputs); return; }
  if (!transA && !transB && alpha === 1) { ctx.node('MatMul', ctx.inputs, {}, ctx.outputs); return; }
  if (a.dtype === 'float32' && ctx.provider === 'cpu') { ctx.node('FusedMatMul', ctx.inputs, attributes, ctx.outputs, 'ms'); return; }
  const left = transA ? lowerSwap(ctx, ctx.inputs[0]!, a.shape.length) : ctx.inputs[0]!;
  const right = transB ? lowerSwap(ctx, ctx.inputs[1]!, b.shape.length) : ctx.inputs[1]!;
  if (alpha === 1) { ctx.node('MatMul', [left, right], {}, ctx.outputs); return; }
  ctx.node('Mul', [...ctx.node('MatMul', [left, right]), ctx.constant(a.dtype, [], [alpha])], {}, ctx.outputs);
}

export const matmul: Op<MatmulParams> = {
  name: 'matmul', saves: ['in0', 'in1'],
  infer(inputs, params) {
    expectInputs(inputs, 2, 'matmul');
    expectSameDtype(inputs, 'matmul');
    if (!isFloat(inputs[0]!.dtype)) throw shapeError(`matmul needs float tensors, got ${inputs[0]!.dtype}.`);
    const { m, n, batch } = matmulDims(inputs, params);
    return [{ dtype: inputs[0]!.dtype, shape: [...batch, m, n] }];
  },
  grad({ inputs, params: { transA, transB, alpha }, needs }, dy) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const da = () => (transA ? e.matmul(b, dy, { transA: transB, transB: true, alpha }) : e.matmul(dy, b, { transB: !transB, alpha }));
    const db = () => (transB ? e.matmul(dy, a, { transA: true, transB: transA, alpha }) : e.matmul(a, dy, { transA: !transA, alpha }));
    return [needs[0] ? e.unbroadcast(da(), a.shape) : null, needs[1] ? e.unbroadcast(db(), b.shape) : null];
  },
  eval(inputs, params) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const { m, k, n, batch } = matmulDims(inputs.map(x => ({ dtype: 'float64', shape: x.shape })), params, 'interpreter');
    const out = nd([...batch, m, n]);
    const [am, ak] = params.transA ? [1, m] : [k, 1];
    const [bk, bn] = params.transB ? [1, k] : [n, 1];
    const leadA = broadcastStrides([...a.shape.slice(0, -2), 1, 1], [...batch, 1, 1]).slice(0, -2).map(s => s * m * k);
    const leadB = broadcastStrides([...b.shape.slice(0, -2), 1, 1], [...batch, 1, 1]).slice(0, -2).map(s => s * k * n);
    walk(batch, [leadA, leadB], (flat, [oa, ob]) => {
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += (a.data[oa! + i * am + p * ak] as number) * (b.data[ob! + p * bk + j * bn] as number);
        out.data[(flat * m + i) * n + j] = params.alpha * sum;
      }
    });
    return [out];
  },
  lower: lowerMatmul,
  flops(inputs, _, params) { const { m, k, n, batch } = matmulDims(inputs, params); return batch.reduce((x, y) => x * y, 2 * m * k * n); },
  samples: random => [[[], []], [[3], [3]], [[2, 1], [3]], [[], [2]], [[2, 3], []]].flatMap(([la, lb], i) => {
    const [m, k, n] = [random.int(1, 5), random.int(1, 5), random.int(1, 5)];
    const params = { transA: random.next() < 0.5, transB: random.next() < 0.5, alpha: i % 2 ? 1 : 0.7 };
    const a = params.transA ? [k, m] : [m, k];
    const b = params.transB ? [n, k] : [k, n];
    return [{ inputs: [random.real([...la!, ...a]), random.real([...lb!, ...b])], params }];
  }),
};
