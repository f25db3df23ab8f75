/**
 * What a node of a step belongs to, and the time of every part from onnxruntime's own profile of a run. Parts are told by shape (only adapters have an inner size of their rank, only the head one of the vocabulary) and by op.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { elementCount } from '../src/main/engine/graph/dtype.ts';
import type { Graph, Node, Value } from '../src/main/engine/graph/node.ts';
import { writeOnnx } from '../src/main/engine/onnx/write.ts';

export interface ModelShape { hidden: number; intermediate: number; vocabulary: number; /** Largest inner size that can only be an adapter's: 3 ranks, because queries, keys and values are taken together. */ thin: number }
/** `gflop` is 0 where nothing is multiplied by matrices. */
export interface Part { part: string; direction: 'forward' | 'backward'; products: boolean; ms: number; nodes: number; gflop: number }
export interface Kernel { op: string; ms: number; nodes: number }
export interface Profile { runMs: number; kernelMs: number; parts: Part[]; kernels: Kernel[] }

const PRODUCTS = new Set(['matmul', 'gemm', 'quantizedMatmul', 'matmul4', 'matmulBits']);
const KERNELS = /^(MatMul|FusedMatMul|Gemm|MatMulInteger|MatMulIntegerToFloat|MatMulNBits|FusedGemm)$/;
const MOVES = new Set(['transpose', 'reshape', 'expand', 'slice', 'pad', 'concat', 'gather', 'scatterAdd', 'takeAlong', 'barrier', 'stopGradient', 'identity', 'cast']);

export function partOf(n: Node, shape: ModelShape): string {
  const { name } = n.op;
  if (/groupQueryAttention|attention/i.test(name)) return 'attention';
  if (/quantize/.test(name) && !PRODUCTS.has(name)) return 'rounding to 8 bit';
  const sizes = [...n.inputs, ...n.outputs].flatMap((v) => v.shape);
  if (sizes.includes(shape.vocabulary)) return PRODUCTS.has(name) || name === 'gather' || name === 'scatterAdd' ? 'head and embedding' : 'loss';
  if (PRODUCTS.has(name)) return productPart(n, shape);
  if (/rope/i.test(name)) return 'rotary';
  if (name === 'softmax' || name === 'where') return 'attention, softmax';
  if (MOVES.has(name)) return 'moving';
  const rank = n.outputs[0]!.shape.length, last = n.outputs[0]!.shape.at(-1);
  if (last === shape.intermediate) return 'MLP, gate';
  return rank > 2 && last !== shape.hidden && n.segment !== undefined ? 'attention, softmax' : 'norms and sums';
}

function productPart({ inputs, outputs }: Node, { thin, intermediate, hidden }: ModelShape): string {
  const [a, b] = inputs as [Value, Value];
  const operands = [a, b.shape.length < 2 || b.dtype === 'uint8' ? outputs[0]! : b];
  if (operands.some((v) => v.shape.length > 2 && v.shape.slice(0, -2).some((d) => d > 1))) return 'attention';
  const sizes = [...a.shape, ...outputs[0]!.shape].filter((d) => d > 1);
  if (outputs[0]!.shape.at(-1) === 1) return 'head and embedding';
  if (Math.min(...sizes) <= thin) return 'adapters';
  return sizes.includes(intermediate) || sizes.includes(2 * intermediate) ? 'MLP' : sizes.includes(hidden) ? 'projections' : 'other products';
}

interface Event { cat?: string; name?: string; dur?: number; ts?: number; args?: { op_name?: string } }

/** Reads the profile that was written with this path prefix; of its runs the fastest. The graph must be the one that was compiled. */
export function readProfile(prefix: string, graph: Graph, shape: ModelShape): Profile {
  const file = readdirSync(dirname(prefix)).find((f) => f.startsWith(basename(prefix)) && f.endsWith('.json'));
  if (file === undefined) throw new Error(`onnxruntime wrote no profile beginning with ${prefix}.`);
  const events = JSON.parse(readFileSync(join(dirname(prefix), file), 'utf8')) as Event[];
  const run = events.filter((e) => e.name === 'model_run').toSorted((a, b) => a.dur! - b.dur!)[0]!;
  const { nodeNames } = writeOnnx(graph);
  const parts = new Map<string, Part>(), kernels = new Map<string, Kernel>();
  let kernelMs = 0;
  for (const { cat, name = '', ts = 0, dur = 0, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || ts < run.ts! || ts > run.ts! + run.dur!) continue;
    const op = args?.op_name ?? 'unknown', own = name.slice(0, -'_kernel_time'.length);
    // Nodes that onnxruntime fused keep the name of the first, with an addition.
    const node = nodeNames.get(own) ?? nodeNames.get(own.split('/').slice(0, own.startsWith('layer') ? (own.includes('/bwd/') ? 3 : 2) : 1).join('/'));
    const products = KERNELS.test(op);
    const what = node === undefined ? 'other' : PRODUCTS.has(node.op.name) && !products ? (node.op.name === 'quantizedMatmul' ? 'rounding to 8 bit' : 'moving') : partOf(node, shape);
    const direction = node?.backward === true ? 'backward' : 'forward';
    const key = `${what} ${direction} ${products}`;
    const part = parts.get(key) ?? { part: what, direction, products, ms: 0, nodes: 0, gflop: 0 };
    part.ms += dur / 1000;
    part.nodes++;
    if (products && node !== undefined) part.gflop += (node.op.flops?.(node.inputs, node.outputs, node.params) ?? node.outputs.reduce((n, v) => n + elementCount(v.shape), 0)) / 1e9;
    parts.set(key, part);
    const kernel = kernels.get(op) ?? { op, ms: 0, nodes: 0 };
    kernel.ms += dur / 1000;
    kernel.nodes++;
    kernels.set(op, kernel);
    kernelMs += dur / 1000;
  }
  const byTime = (a: { ms: number }, b: { ms: number }): number => b.ms - a.ms;
  return { runMs: run.dur! / 1000, kernelMs, parts: [...parts.values()].toSorted(byTime), kernels: [...kernels.values()].toSorted(byTime) };
}
