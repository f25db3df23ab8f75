/**
 * Which chain of onnxruntime nodes multiplies rows in 8 bit fastest, at the sizes of a 135M model: forms of rounding rows, of the product, and of the turn before. Milliseconds per layer, best of 25, less what the surrounding graph takes.
 *   node bench/int8-chain.ts [rows, default 512]
 */
import { Graph, type Value } from '../src/main/engine/graph/node.ts';
import type { LowerContext, Op } from '../src/main/engine/graph/op.ts';
import { add, matmul, reshape, slice } from '../src/main/engine/graph/ops/index.ts';
import { compile } from '../src/main/engine/runtime/session.ts';

type Context = LowerContext<object>;
type Rounding = (ctx: Context, x: string, m: number, k: number) => [codes: string, scale: string];
const THREADS = 2, LAYERS = 4, ROUNDS = 25;

function largest(ctx: Context, x: string, byAbs: boolean): string {
  const axes = ctx.constant('int64', [1], [1]);
  const most = (of: string): string => ctx.node('ReduceMax', [of, axes], { keepdims: { int: 1 } })[0]!;
  const found = byAbs ? most(ctx.node('Abs', [x])[0]!) : ctx.node('Max', [most(x), ctx.node('Neg', [ctx.node('ReduceMin', [x, axes], { keepdims: { int: 1 } })[0]!])[0]!])[0]!;
  return ctx.node('Mul', [found, ctx.constant('float32', [], [1 / 127])])[0]!;
}
const byAxis = (byAbs: boolean): Rounding => (ctx, x, m) => {
  const scale = largest(ctx, x, byAbs);
  return [ctx.node('QuantizeLinear', [x, ctx.node('Reshape', [scale, ctx.constant('int64', [1], [-1])])[0]!, ctx.constant('uint8', [m], new Uint8Array(m).fill(128))], { axis: { int: 0 } })[0]!, scale];
};
const ROUNDINGS: Record<string, Rounding> = {
  'axis 0, |x|': byAxis(true), 'axis 0, min and max': byAxis(false),
  'blocks of a row': (ctx, x, m, k) => { const scale = largest(ctx, x, false); return [ctx.node('QuantizeLinear', [x, scale, ctx.constant('uint8', [m, 1], new Uint8Array(m).fill(128))], { axis: { int: 1 }, block_size: { int: k } })[0]!, scale]; },
  'by hand': (ctx, x) => { const scale = largest(ctx, x, false); return [ctx.node('Cast', [ctx.node('Add', [ctx.node('Div', [x, scale])[0]!, ctx.constant('float32', [], [128.5])])[0]!], { to: { int: 2 } })[0]!, scale]; },
  'whole tensor': (ctx, x) => { const [codes, scale] = ctx.node('DynamicQuantizeLinear', [x], {}, [`q_${x}`, `s_${x}`, `z_${x}`]); return [codes!, scale!]; },
};
const PRODUCTS: Record<string, (ctx: Context, codes: string, scale: string, w: string, t: string) => string> = {
  MatMulInteger: (ctx, codes, scale, w, t) => ctx.node('Mul', [ctx.node('Mul', [ctx.node('Cast', ctx.node('MatMulInteger', [codes, w, ctx.constant('uint8', [], [128])]), { to: { int: 1 } })[0]!, scale])[0]!, t])[0]!,
  MatMulIntegerToFloat: (ctx, codes, scale, w, t) => ctx.node('Mul', [ctx.node('MatMulIntegerToFloat', [codes, w, ctx.constant('float32', [], [1]), t, ctx.constant('uint8', [], [128])], {}, undefined, 'ms')[0]!, scale])[0]!,
};

async function time(m: number, k: number, n: number, build: (x: Value, i: number) => Value): Promise<number> {
  const g = new Graph();
  const x = g.input('x', [m, k]);
  for (let i = 0; i < LAYERS; i++) g.output(`y${i}`, slice(slice(build(add(x, 0.01 * (i + 1)), i), 0, 0, 1), 1, 0, 1));
  const program = await compile(g, { threads: THREADS, spin: true });
  const data = Float32Array.from({ length: m * k }, (_, i) => Math.sin(i * 12.9898));
  let best = Infinity;
  for (let i = 0; i < ROUNDS; i++) { const t = performance.now(); await program.run({ x: data }); best = Math.min(best, performance.now() - t); }
  await program.dispose();
  return best / LAYERS;
}
function probe(x: Value, extra: readonly Value[], shape: readonly number[], dtype: 'float32' | 'uint8', lower: (ctx: Context) => string): Value {
  const op: Op = { name: 'probe', saves: [], infer: () => [{ dtype, shape }], eval: () => { throw new Error('only run by onnxruntime'); }, lower: (ctx) => { ctx.node('Identity', [lower(ctx)], {}, ctx.outputs); }, samples: () => [] };
  return x.graph.apply(op, [x, ...extra])[0]!;
}

const m = Number(process.argv[2] ?? 512);
for (const [k, n] of [[576, 576], [576, 192], [576, 1536], [1536, 576]] as const) {
  const base = await time(m, k, n, (x) => x);
  const line: Record<string, number> = {};
  line['fp32 product'] = await time(m, k, n, (x, i) => matmul(x, x.graph.weight(`w${i}`, [n, k], 'float32', { kind: 'data', data: Float32Array.from({ length: n * k }, (_, j) => Math.cos(j)) }), { transB: true }));
  for (const [name, rounding] of Object.entries(ROUNDINGS)) line[`rounding, ${name}`] = await time(m, k, n, (x) => probe(x, [], [m, k], 'uint8', (ctx) => rounding(ctx, ctx.inputs[0]!, m, k)[0]));
  for (const block of [16, 32, 64]) line[`turn of ${block}`] = await time(m, k, n, (x, i) => reshape(matmul(reshape(x, [m * k / block, block]), x.graph.weight(`h${i}`, [block, block], 'float32', { kind: 'data', data: new Float32Array(block * block).fill(0.1) })), [m, k]));
  for (const [name, product] of Object.entries(PRODUCTS)) line[`rounding in blocks and ${name}`] = await time(m, k, n, (x, i) => {
    const w = x.graph.weight(`w${i}`, [k, n], 'int8', { kind: 'data', data: Int8Array.from({ length: n * k }, (_, j) => ((j * 37) % 255) - 127) });
    return probe(x, [w, x.graph.weight(`t${i}`, [n], 'float32', { kind: 'data', data: new Float32Array(n).fill(0.01) })], [m, n], 'float32', (ctx) => product(ctx, ...ROUNDINGS['blocks of a row']!(ctx, ctx.inputs[0]!, m, k), ctx.inputs[1]!, ctx.inputs[2]!));
  });
  process.stdout.write(`${m} x ${k} x ${n}\n${Object.entries(line).map(([name, ms]) => `  ${name.padEnd(44)} ${(ms - base).toFixed(3)} ms\n`).join('')}`);
}
