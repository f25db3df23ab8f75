/**
 * Rounds each row of x [M, K] to 8 bit: z = x turned by a Hadamard matrix in blocks of `rotate` columns (1: not), q = round(z / s) + 128 (half to even) with s = max |z| / 127 of the row. Outputs q (uint8) and s [M, 1].
 * Turning spreads the few large channels of a language model over their block; a weight turned alike gives the same product (Ashkboos et al., 2024, QuaRot). A row of zeros gets a tiny s. Rounding has no useful derivative: whoever multiplies with q brings a gradient of its own (nn/int8-weight).
 */
import { dims, isFloat, shapeError, toTyped } from '../dtype.ts';
import { nd } from '../nd.ts';
import type { LowerContext, Op } from '../op.ts';
import { expectInputs } from '../shape.ts';
import { ONNX_TYPE } from '../onnx-type.ts';

export const LEVELS = 127;
export const ZERO_POINT = 128;
/** Keeps the scale of a row of zeros from being zero. */
const TINY = 1e-30;

export interface QuantizeRowsParams { rotate: number }

export const quantizeRows: Op<QuantizeRowsParams> = {
  name: 'quantizeRows', saves: [],
  infer(inputs, { rotate }) {
    expectInputs(inputs, 1, 'quantizeRows');
    const [x] = [inputs[0]!];
    if (!isFloat(x.dtype) || x.shape.length !== 2) throw shapeError(`quantizeRows needs a float tensor [M, K], got ${x.dtype} ${dims(x.shape)}.`);
    if (x.shape[1]! % rotate !== 0 || Math.log2(rotate) % 1 !== 0) throw shapeError(`quantizeRows turns blocks of a power of two columns that divides their number; got ${rotate} for ${x.shape[1]!}.`);
    return [{ dtype: 'uint8', shape: x.shape }, { dtype: x.dtype, shape: [x.shape[0]!, 1] }];
  },
  eval([x], { rotate }) {
    const [m, k] = [x!.shape[0]!, x!.shape[1]!];
    const [q, scale] = [nd([m, k]), nd([m, 1])];
    for (let row = 0; row < m; row++) {
      const values = x!.data.slice(row * k, (row + 1) * k);
      hadamard(values, rotate);
      const s = values.reduce((most, v) => Math.max(most, Math.abs(v)), TINY) / LEVELS;
      scale.data[row] = s;
      values.forEach((v, i) => { q.data[row * k + i] = roundHalfEven(v / s) + ZERO_POINT; });
    }
    return [q, scale];
  },
  lower(ctx) {
    const { rotate } = ctx.params;
    const { dtype, shape } = ctx.inputTypes[0]!;
    const [m, k] = shape as [number, number];
    const [q, scale] = ctx.outputs as [string, string];
    const x = rotate === 1 ? ctx.inputs[0]! : turned(ctx, m, k);
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
  flops: (inputs, _, { rotate }) => (4 + (rotate > 1 ? 2 * rotate : 0)) * inputs[0]!.shape[0]! * inputs[0]!.shape[1]!,
  samples: (random) => [
    ...[1, 3, 70].map((m) => ({ inputs: [random.real([m, random.int(1, 40)])], params: { rotate: 1 } })),
    ...[4, 16].map((rotate) => ({ inputs: [random.real([random.int(1, 6), rotate * random.int(1, 4)])], params: { rotate } })),
    // A row of zeros, and one whose values lie half way between two steps.
    { inputs: [{ dtype: 'real' as const, shape: [2, 4], data: Float64Array.of(0, 0, 0, 0, 127, 0.5, 1.5, -2.5) }], params: { rotate: 1 } },
  ],
};

/** x times the Hadamard matrix, in blocks. */
function turned(ctx: LowerContext<QuantizeRowsParams>, m: number, k: number): string {
  const { rotate } = ctx.params;
  const { dtype } = ctx.inputTypes[0]!;
  const matrix = ctx.shared(`hadamard ${rotate} ${dtype}`, () => {
    const data = new Float64Array(rotate * rotate);
    for (let i = 0; i < rotate; i++) {
      data[i * rotate + i] = 1;
      hadamard(data.subarray(i * rotate, (i + 1) * rotate), rotate);
    }
    return ctx.constant(dtype, [rotate, rotate], toTyped(dtype, data));
  });
  const shape = (...sizes: number[]): string => ctx.constant('int64', [sizes.length], sizes);
  const blocks = ctx.node('Reshape', [ctx.inputs[0]!, shape((m * k) / rotate, rotate)])[0]!;
  return ctx.node('Reshape', [ctx.node('MatMul', [blocks, matrix])[0]!, shape(m, k)])[0]!;
}

/** The orthonormal Walsh-Hadamard transform of each block, in place. */
export function hadamard(values: Float64Array | Float32Array, block: number): void {
  const factor = 1 / Math.sqrt(block);
  for (let start = 0; start < values.length; start += block) {
    for (let half = 1; half < block; half *= 2) for (let i = start; i < start + block; i += 2 * half) for (let j = i; j < i + half; j++) {
      const [a, b] = [values[j]!, values[j + half]!];
      values[j] = a + b;
      values[j + half] = a - b;
    }
    for (let j = start; j < start + block; j++) values[j] = values[j]! * factor;
  }
}

export function roundHalfEven(x: number): number {
  const down = Math.floor(x), rest = x - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}
