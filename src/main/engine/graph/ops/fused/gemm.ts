/** alpha * op(a) @ op(b) + c for rank-2 operands, c broadcast to the result: ONNX Gemm. Made by passes/fuse. */

import { dims, shapeError } from '../../dtype.ts';
import { zipNd } from '../../nd.ts';
import type { Op } from '../../op.ts';
import { broadcastShapes, expectInputs } from '../../shape.ts';
import { matmul, matmulDims } from '../matmul.ts';
import type { MatmulParams } from '../matmul.ts';

export const gemm: Op<MatmulParams> = {
  name: 'gemm', saves: [], fused: true,
  infer(inputs, params) {
    expectInputs(inputs, 3, 'gemm');
    const [product] = matmul.infer(inputs.slice(0, 2), params);
    const c = inputs[2]!;
    if (product!.shape.length !== 2 || c.dtype !== product!.dtype || c.shape.length > 2 || broadcastShapes(c.shape, product!.shape, 'gemm').some((d, i) => d !== product!.shape[i])) {
      throw shapeError(`gemm: ${dims(c.shape)} cannot be added to ${dims(product!.shape)}.`);
    }
    return [product!];
  },
  eval: (inputs, params) => [zipNd([matmul.eval(inputs.slice(0, 2), params)[0]!, inputs[2]!], (x, c) => x! + c!)],
  lower(ctx) {
    const { transA, transB, alpha } = ctx.params;
    ctx.node('Gemm', ctx.inputs, { transA: { int: Number(transA) }, transB: { int: Number(transB) }, alpha: { float: alpha } }, ctx.outputs);
  },
  flops(inputs, _, params) { const { m, k, n } = matmulDims(inputs, params); return 2 * m * k * n; },
  samples: random => [[3, 5], [5], [1, 5], [3, 1], []].map((c, i) => {
    const params = { transA: i % 2 === 0, transB: i % 3 === 0, alpha: 0.5 };
    return { inputs: [random.real(params.transA ? [4, 3] : [3, 4]), random.real(params.transB ? [5, 4] : [4, 5]), random.real(c)], params };
  }),
};
