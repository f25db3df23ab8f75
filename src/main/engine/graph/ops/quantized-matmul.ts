/**
 * y[m, n] = s[m] t[n] sum_k (q[m, k] - 128) w[k, n]: rows in 8 bit (quantizeRows) times a frozen weight in 8 bit with one scale per output channel. The sum is exact in 32-bit integers.
 * No gradient: see nn/int8-weight. Kernel: MatMulIntegerToFloat, u8 x s8; processors without a 32-bit dot product of bytes may saturate inside it (runtime/int8-check).
 */
import { dims, isFloat, shapeError } from '../dtype.ts';
import { nd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';
import { ONNX_TYPE } from '../onnx-type.ts';
import { ZERO_POINT } from './quantize-rows.ts';

/** Longest inner size whose sum is sure to stay within 32 bit: 255 * 127 * K < 2^31. */
export const LONGEST = 66_000;

export const quantizedMatmul: Op<Record<string, never>> = {
  name: 'quantizedMatmul', saves: [],
  infer(inputs) {
    expectInputs(inputs, 4, 'quantizedMatmul');
    const [q, s, w, t] = [inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!];
    if (q.dtype !== 'uint8' || w.dtype !== 'int8' || q.shape.length !== 2 || w.shape.length !== 2 || q.shape[1] !== w.shape[0]) throw shapeError(`quantizedMatmul needs uint8 [M, K] and int8 [K, N], got ${q.dtype} ${dims(q.shape)} and ${w.dtype} ${dims(w.shape)}.`);
    const [m, k, n] = [q.shape[0]!, q.shape[1]!, w.shape[1]!];
    if (k > LONGEST) throw shapeError(`quantizedMatmul sums in 32 bit, which is safe up to an inner size of ${LONGEST}; got ${k}.`);
    if (!isFloat(s.dtype) || s.shape.join() !== `${m},1`) throw shapeError(`quantizedMatmul needs a float scale per row [${m}, 1], got ${s.dtype} ${dims(s.shape)}.`);
    if (t.dtype !== 'float32' || t.shape.join() !== String(n)) throw shapeError(`quantizedMatmul needs ${n} float32 scales of channels, got ${t.dtype} ${dims(t.shape)}.`);
    return [{ dtype: s.dtype, shape: [m, n] }];
  },
  eval([q, s, w, t]) {
    const [m, k, n] = [q!.shape[0]!, q!.shape[1]!, w!.shape[1]!];
    const out = nd([m, n]);
    for (let row = 0; row < m; row++) for (let column = 0; column < n; column++) {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += (q!.data[row * k + i]! - ZERO_POINT) * w!.data[i * n + column]!;
      out.data[row * n + column] = s!.data[row]! * t!.data[column]! * sum;
    }
    return [out];
  },
  lower(ctx) {
    const [q, s, w, t] = ctx.inputs as [string, string, string, string];
    const zero = ctx.constant('uint8', [], [ZERO_POINT]);
    if (ctx.outputTypes[0]!.dtype === 'float32') {
      const columns = ctx.node('MatMulIntegerToFloat', [q, w, ctx.constant('float32', [], [1]), t, zero], {}, undefined, 'ms')[0]!;
      ctx.node('Mul', [columns, s], {}, ctx.outputs);
      return;
    }
    const real = { to: { int: ONNX_TYPE[ctx.outputTypes[0]!.dtype] } };
    const sums = ctx.node('Cast', ctx.node('MatMulInteger', [q, w, zero]), real)[0]!;
    ctx.node('Mul', [ctx.node('Mul', [sums, s])[0]!, ctx.node('Cast', [t], real)[0]!], {}, ctx.outputs);
  },
  flops: (inputs) => 2 * inputs[0]!.shape[0]! * inputs[0]!.shape[1]! * inputs[2]!.shape[1]!,
  samples: (random) => [[1, 3, 2], [3, 5, 4], [2, 70, 33]].map(([m, k, n]) => ({
    inputs: [
      random.ints([m!, k!], 256, 'uint8'), random.real([m!, 1], 0.01, 1),
      { ...random.ints([k!, n!], 255), dtype: 'int8' as const, data: random.ints([k!, n!], 255).data.map((v) => v - 127) }, { ...random.real([n!], 0.01, 1), dtype: 'float32' as const },
    ],
    params: {},
  })),
};
