/** x times a frozen weight [N, K] kept in 4 bit, forward (x W^T) or for the input gradient (x W). Format of bitsandbytes: row-major values in blocks, one absmax per block, two codes a byte, the first in the high half.
 * Source: Dettmers et al. 2023 (QLoRA); contrib op MatMulBnb4. */
import { isFloat, shapeError, dims } from '../dtype.ts';
import * as e from '../emit.ts';
import { nd } from '../nd.ts';
import { ONNX_TYPE } from '../onnx-type.ts';
import type { LowerContext, Op } from '../op.ts';
import { expectInputs } from '../shape.ts';

export interface Matmul4Params { n: number; k: number; block: number; type: FourBitType; transB: boolean }
export type FourBitType = 'fp4' | 'nf4';

/** What each code stands for, as a share of the block's largest magnitude. nf4: quantiles of the normal distribution; fp4: sign, two bits of exponent, one of fraction. */
export const FOUR_BIT_VALUES: Record<FourBitType, readonly number[]> = {
  nf4: [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0,
    0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
  ],
  fp4: [0, 0.00520833333, 0.66666667, 1, 0.33333333, 0.5, 0.16666667, 0.25, -0, -0.00520833333, -0.66666667, -1, -0.33333333, -0.5, -0.16666667, -0.25],
};

const code = (packed: Float64Array, i: number): number => ((packed[i >> 1] as number) >> (i % 2 === 0 ? 4 : 0)) & 15;

/**
 * The weight [n, k] for one use: both codes of a byte at once from a table of pairs. The codes are tied to x by a zero, or else every weight would be unpacked when the session is made, and kept.
 * WebGPU has no bitwise kernel: there the table is tied instead, and the codes are kept as int32, two bytes a weight.
 */
function dequantised(ctx: LowerContext<Matmul4Params>, x: string, packed: string, absmax: string): string {
  const { n, k, block, type } = ctx.params;
  const real = ctx.inputTypes[0]!.dtype;
  const one = (...data: number[]): string => ctx.constant('int64', [data.length], data);
  const first = ctx.node('Slice', [ctx.node('Reshape', [x, one(-1)])[0]!, one(0), one(1), one(0)])[0]!;
  const onTable = ctx.provider === 'webgpu';
  const zero = ctx.node('Cast', ctx.node('Less', [first, first]), { to: { int: ONNX_TYPE[onTable ? real : 'uint8'] } })[0]!;
  const codes = ctx.node('Cast', onTable ? [packed] : ctx.node('BitwiseXor', [packed, zero]), { to: { int: ONNX_TYPE.int32 } })[0]!;
  const values = FOUR_BIT_VALUES[type];
  const table = ctx.constant(real, [256, 2], Array.from({ length: 256 }, (_, byte) => [values[byte >> 4]!, values[byte & 15]!]).flat());
  const pairs = onTable ? ctx.node('Add', [table, zero])[0]! : table;
  const shares = ctx.node('Reshape', [ctx.node('Gather', [pairs, codes], { axis: { int: 0 } })[0]!, one(-1, block)])[0]!;
  const sizes = ctx.node('Reshape', [real === 'float32' ? absmax : ctx.node('Cast', [absmax], { to: { int: ONNX_TYPE[real] } })[0]!, one(-1, 1)])[0]!;
  return ctx.node('Reshape', [ctx.node('Mul', [shares, sizes])[0]!, one(n, k)])[0]!;
}

export const matmul4: Op<Matmul4Params> = {
  name: 'matmul4', saves: ['in1', 'in2'],
  infer(inputs, { n, k, block, transB }) {
    expectInputs(inputs, 3, 'matmul4');
    const [x, packed, absmax] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const [inner, outer] = transB ? [k, n] : [n, k];
    if (!isFloat(x.dtype) || x.shape.length !== 2 || x.shape[1] !== inner) throw shapeError(`matmul4 needs a float tensor [M, ${inner}], got ${x.dtype} ${dims(x.shape)}.`);
    if (packed.dtype !== 'uint8' || packed.shape[0] !== n * k / 2) throw shapeError(`matmul4 needs ${n * k / 2} packed bytes, got ${packed.dtype} ${dims(packed.shape)}.`);
    if (absmax.dtype !== 'float32' || absmax.shape[0] !== n * k / block) throw shapeError(`matmul4 needs ${n * k / block} block sizes, got ${absmax.dtype} ${dims(absmax.shape)}.`);
    return [{ dtype: x.dtype, shape: [x.shape[0]!, outer] }];
  },
  grad: ({ inputs, params }, dy) => [e.matmul4(dy, inputs[1]!, inputs[2]!, { ...params, transB: !params.transB }), null, null],
  eval([x, packed, absmax], { n, k, block, type, transB }) {
    const [m, inner, outer] = [x!.shape[0]!, transB ? k : n, transB ? n : k];
    const out = nd([m, outer]);
    const values = FOUR_BIT_VALUES[type];
    for (let row = 0; row < n; row++) for (let column = 0; column < k; column++) {
      const at = row * k + column;
      const w = values[code(packed!.data, at)]! * absmax!.data[Math.floor(at / block)]!;
      const [i, o] = transB ? [column, row] : [row, column];
      for (let r = 0; r < m; r++) out.data[r * outer + o] = out.data[r * outer + o]! + x!.data[r * inner + i]! * w;
    }
    return [out];
  },
  lower(ctx) {
    const { n, k, block, type, transB } = ctx.params;
    const [x, packed, absmax] = ctx.inputs as [string, string, string];
    if (transB && ctx.inputTypes[0]!.dtype === 'float32') {
      ctx.node('MatMulBnb4', [x, packed, absmax], { K: { int: k }, N: { int: n }, block_size: { int: block }, quant_type: { int: type === 'nf4' ? 1 : 0 } }, ctx.outputs, 'ms');
      return;
    }
    const weight = dequantised(ctx, x, packed, absmax);
    ctx.node('MatMul', [x, transB ? ctx.node('Transpose', [weight], { perm: { ints: [1, 0] } })[0]! : weight], {}, ctx.outputs);
  },
  flops: (inputs, _, { n, k }) => 2 * inputs[0]!.shape[0]! * n * k,
  samples: (random) => (['nf4', 'fp4'] as const).flatMap((type) => [true, false].map((transB) => {
    const [m, n, k] = [random.int(1, 4), random.int(1, 5), 16 * random.int(1, 3)];
    const block = 16;
    const absmax = { ...random.real([n * k / block], 0.1, 2), dtype: 'float32' as const };
    return { inputs: [random.real([m, transB ? k : n]), random.ints([n * k / 2], 256, 'uint8'), absmax], params: { n, k, block, type, transB } };
  })),
};
