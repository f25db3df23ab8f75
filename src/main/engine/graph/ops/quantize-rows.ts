/**
 * Rounds each row of x [M, K] to 8 bit: q = round(x / s) + 128 (half to even) with s = max |x| / 127 of the row, so that x is about s (q - 128). Outputs q (uint8) and s [M, 1].
 * A row of zeros gets a tiny s. Rounding has no useful derivative: whoever multiplies with q brings a gradient of its own (nn/int8-weight).
 */
import { dims, isFloat, shapeError } from '../dtype.ts';
import { nd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';
import { ONNX_TYPE } from '../onnx-type.ts';

export const LEVELS = 127;
export const ZERO_POINT = 128;
/** Keeps the scale of a row of zeros from being zero. */
const TINY = 1e-30;

export const quantizeRows: Op<Record<string, never>> = {
  name: 'quantizeRows', saves: [],
  infer(inputs) {
    expectInputs(inputs, 1, 'quantizeRows');
    const [x] = [inputs[0]!];
    if (!isFloat(x.dtype) || x.shape.length !== 2) throw shapeError(`quantizeRows needs a float tensor [M, K], got ${x.dtype} ${dims(x.shape)}.`);
    return [{ dtype: 'uint8', shape: x.shape }, { dtype: x.dtype, shape: [x.shape[0]!, 1] }];
  },
  eval([x]) {
    const [m, k] = [x!.shape[0]!, x!.shape[1]!];
    const [q, scale] = [nd([m, k]), nd([m, 1])];
    for (let row = 0; row < m; row++) {
      const values = x!.data.subarray(row * k, (row + 1) * k);
      const s = values.reduce((most, v) => Math.max(most, Math.abs(v)), TINY) / LEVELS;
      scale.data[row] = s;
      values.forEach((v, i) => { q.data[row * k + i] = roundHalfEven(v / s) + ZERO_POINT; });
    }
    return [q, scale];
  },
  lower(ctx) {
    const [x] = ctx.inputs as [string];
    const { dtype, shape } = ctx.inputTypes[0]!;
    const [m, k] = shape as [number, number];
    const [q, scale] = ctx.outputs as [string, string];
    const real = (value: number): string => ctx.constant(dtype, [], [value]);
    const axes = ctx.constant('int64', [1], [1]);
    // Two reductions that only read are cheaper than |x| written out and read again (bench/int8-chain).
    const most = ctx.node('ReduceMax', [x, axes], { keepdims: { int: 1 } })[0]!;
    const least = ctx.node('Neg', [ctx.node('ReduceMin', [x, axes], { keepdims: { int: 1 } })[0]!])[0]!;
    ctx.node('Div', [ctx.node('Max', [most, least, real(TINY)])[0]!, real(LEVELS)], {}, [scale]);
    if (dtype === 'float32') {
      // One block a row: the form of the kernel that works on rows in parallel.
      const zero = ctx.shared(`zero points of ${m} rows`, () => ctx.constant('uint8', [m, 1], new Uint8Array(m).fill(ZERO_POINT)));
      ctx.node('QuantizeLinear', [x, scale, zero], { axis: { int: 1 }, block_size: { int: k } }, [q]);
      return;
    }
    const rounded = ctx.node('Round', ctx.node('Div', [x, scale]))[0]!;
    ctx.node('Cast', ctx.node('Add', [rounded, real(ZERO_POINT)]), { to: { int: ONNX_TYPE.uint8 } }, [q]);
  },
  flops: (inputs) => 4 * inputs[0]!.shape[0]! * inputs[0]!.shape[1]!,
  samples: (random) => [
    ...[1, 3, 70].map((m) => ({ inputs: [random.real([m, random.int(1, 40)])], params: {} })),
    // A row of zeros, and one whose values lie half way between two steps.
    { inputs: [{ dtype: 'real' as const, shape: [2, 4], data: Float64Array.of(0, 0, 0, 0, 127, 0.5, 1.5, -2.5) }], params: {} },
  ],
};

export function roundHalfEven(x: number): number {
  const down = Math.floor(x), rest = x - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}
