/**
 * x [..., K] times a frozen weight [N, K] kept in 4 or 8 bit: blocks along K, one scale each, codes around 8 or 128 (contrib op MatMulNBits). Codes of 4 bit: the first of a pair in
 * the low half. Made by generate/quantise-graph. With `fast` the kernel rounds x to 8 bit per block as well, which is where most of its speed comes from.
 */

import { dims, shapeError } from '../../dtype.ts';
import { ONNX_TYPE } from '../../onnx-type.ts';
import { nd } from '../../nd.ts';
import type { Op } from '../../op.ts';
import { expectInputs } from '../../shape.ts';

export interface MatmulBitsParams { n: number; k: number; block: number; bits: 4 | 8; fast: boolean }

export const matmulBits: Op<MatmulBitsParams> = {
  name: 'matmulBits', saves: [], fused: true,
  infer(inputs, { n, k, block, bits }) {
    expectInputs(inputs, 3, 'matmulBits');
    const [x, codes, scales] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const blocks = k / block;
    if (x.shape.length < 2 || x.shape.at(-1) !== k) throw shapeError(`matmulBits needs x [..., ${k}], got ${dims(x.shape)}.`);
    if (codes.dtype !== 'uint8' || codes.shape.join() !== [n, blocks, block * bits / 8].join()) throw shapeError(`matmulBits needs codes [${n}, ${blocks}, ${block * bits / 8}] of uint8, got ${codes.dtype} ${dims(codes.shape)}.`);
    if (scales.dtype !== 'float32' || scales.shape.join() !== String(n * blocks)) throw shapeError(`matmulBits needs ${n * blocks} scales, got ${scales.dtype} ${dims(scales.shape)}.`);
    return [{ dtype: x.dtype, shape: x.shape.with(-1, n) }];
  },
  eval([x, codes, scales], { n, k, block, bits }) {
    const m = x!.data.length / k;
    const out = nd(x!.shape.with(-1, n));
    for (let row = 0; row < n; row++) for (let i = 0; i < k; i++) {
      const at = row * k + i;
      const code = bits === 8 ? codes!.data[at]! - 128 : ((codes!.data[at >> 1]! >> (at % 2 === 0 ? 0 : 4)) & 15) - 8;
      const w = code * scales!.data[Math.floor(at / block)]!;
      for (let r = 0; r < m; r++) out.data[r * n + row] = out.data[r * n + row]! + x!.data[r * k + i]! * w;
    }
    return [out];
  },
  lower(ctx) {
    const { n, k, block, bits, fast } = ctx.params;
    const [x, codes, scales] = ctx.inputs as [string, string, string];
    if (ctx.inputTypes[0]!.dtype === 'float32') {
      ctx.node('MatMulNBits', [x, codes, scales], { K: { int: k }, N: { int: n }, bits: { int: bits }, block_size: { int: block }, accuracy_level: { int: fast ? 4 : 1 } }, ctx.outputs, 'ms');
      return;
    }
    // The kernel exists for float32 only: elsewhere the weight is unpacked, for checks.
    const ints = (...data: number[]): string => ctx.constant('int64', [data.length], data);
    const byte = (value: number): string => ctx.constant('uint8', [], [value]);
    const half = (name: string): string => ctx.node('Unsqueeze', [name, ints(-1)])[0]!;
    const single = bits === 8 ? codes : ctx.node('Concat', [half(ctx.node('BitwiseAnd', [codes, byte(15)])[0]!), half(ctx.node('BitShift', [codes, byte(4)], { direction: { text: 'RIGHT' } })[0]!)], { axis: { int: 3 } })[0]!;
    const cast = (name: string): string => ctx.node('Cast', [name], { to: { int: ONNX_TYPE.float64 } })[0]!;
    const centred = ctx.node('Sub', [cast(ctx.node('Reshape', [single, ints(n * k / block, block)])[0]!), ctx.constant('float64', [], [bits === 8 ? 128 : 8])])[0]!;
    const weight = ctx.node('Reshape', [ctx.node('Mul', [centred, ctx.node('Reshape', [cast(scales), ints(-1, 1)])[0]!])[0]!, ints(n, k)])[0]!;
    ctx.node('MatMul', [x, ctx.node('Transpose', [weight], { perm: { ints: [1, 0] } })[0]!], {}, ctx.outputs);
  },
  flops: (inputs, _, { n, k }) => 2 * inputs[0]!.shape.slice(0, -1).reduce((a, b) => a * b, 1) * n * k,
  samples: random => ([4, 8] as const).flatMap(bits => [[1], [3], [2, 1]].map(rows => {
    const [n, k, block] = [random.int(1, 5), 32 * random.int(1, 3), 32];
    const scales = { ...random.real([n * k / block], 0.1, 2), dtype: 'float32' as const };
    return { inputs: [random.real([...rows, k]), random.ints([n, k / block, block * bits / 8], 256, 'uint8'), scales], params: { n, k, block, bits, fast: false } };
  })),
};
