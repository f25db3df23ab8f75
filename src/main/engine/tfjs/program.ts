/**
 * Runs a graph on tfjs, node by node in the graph's order, and frees each tensor after its last reader. The same interface as a compiled onnxruntime program. Weights and constants are
 * uploaded once (16-bit floats as float32) and stay until `dispose`. Computes in float32, whatever the graph declares.
 */

import { AnnealError } from '../../../shared/errors.ts';
import { byteLength, dims, elementCount, isArrayOf } from '../graph/dtype.ts';
import type { DType, TypedArray } from '../graph/dtype.ts';
import { readWeight } from '../graph/interpret.ts';
import type { Graph, Node, Value } from '../graph/node.ts';
import { KERNELS } from './kernels/index.ts';
import { fromTensor, tfType, toTensor, type Tensor, type Tf } from './tf.ts';

export interface TfResult { readonly data: TypedArray; readonly shape: readonly number[]; readonly dtype: DType }

/** As `Program` of runtime/session: `onnxNodes` counts the graph's nodes, `onnxBytes` is 0 because nothing is written. */
export interface TfProgram {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly onnxNodes: number;
  readonly onnxBytes: number;
  readonly createMs: number;
  /** Outputs named in `into` are written there. */
  run(feeds: Record<string, TypedArray>, outputs?: readonly string[], into?: Readonly<Record<string, Float32Array>>): Promise<Record<string, TfResult>>;
  dispose(): Promise<void>;
}

/** Throws `runtime-failed` for an op without a kernel. */
export function tfProgram(tf: Tf, g: Graph): TfProgram {
  const started = performance.now();
  const missing = [...new Set(g.nodes.map((n) => n.op.name).filter((name) => !KERNELS.has(name)))];
  if (missing.length > 0) throw new AnnealError('runtime-failed', `tfjs has no kernel for ${missing.join(', ')}; run this on another device.`);
  const dying = lastReaders(g);
  const kept = new Map<Value, Tensor>();
  for (const v of g.values) if (v.source?.kind === 'weight' || v.source?.kind === 'constant') kept.set(v, toTensor(tf, v.dtype, v.shape, v.source.kind === 'weight' ? readWeight(v) : v.source.data));
  const createMs = performance.now() - started;

  async function run(feeds: Record<string, TypedArray>, outputs: readonly string[] = [...g.outputs.keys()], into: Readonly<Record<string, Float32Array>> = {}): Promise<Record<string, TfResult>> {
    const live = new Map<Value, Tensor>();
    const free = (v: Value): void => {
      live.get(v)?.dispose();
      live.delete(v);
    };
    const read = (v: Value): Tensor => {
      const found = kept.get(v) ?? live.get(v);
      if (found === undefined) throw new AnnealError('internal', `Value %${v.id} was read before it was computed.`);
      return found;
    };
    try {
      for (const v of g.inputs) live.set(v, fed(tf, v, feeds[v.name as string]));
      for (const n of g.nodes) {
        computed(tf, n, n.inputs.map(read)).forEach((t, i) => live.set(n.outputs[i] as Value, t));
        for (const v of dying.get(n) ?? []) free(v);
      }
      const results: Record<string, TfResult> = {};
      for (const name of outputs) {
        const v = g.outputs.get(name);
        if (v === undefined) throw new AnnealError('bad-request', `There is no output "${name}".`, { output: name });
        const data = fromTensor(v.dtype, elementCount(v.shape) === 0 ? [] : await read(v).data());
        into[name]?.set(data as Float32Array);
        results[name] = { data: into[name] ?? data, shape: v.shape, dtype: v.dtype };
      }
      return results;
    } finally {
      for (const v of live.keys()) free(v);
    }
  }

  return {
    inputNames: g.inputs.map((v) => v.name as string), outputNames: [...g.outputs.keys()], onnxNodes: g.nodes.length, onnxBytes: 0, createMs, run,
    dispose: () => {
      for (const t of kept.values()) t.dispose();
      kept.clear();
      return Promise.resolve();
    },
  };
}

function computed(tf: Tf, node: Node, inputs: readonly Tensor[]): Tensor[] {
  const empty = node.outputs.every((v) => elementCount(v.shape) === 0);
  try {
    const made = tf.tidy(() => {
      const results = empty ? node.outputs.map((v) => tf.tensor([], [...v.shape], tfType(v.dtype))) : KERNELS.get(node.op.name)!(inputs, { tf, node, shape: [...node.outputs[0]!.shape] });
      return (Array.isArray(results) ? results : [results]).map((t, i) => {
        const type = tfType(node.outputs[i]!.dtype);
        // A kernel may hand an input through: what is freed later must be a tensor of its own.
        return t.dtype !== type ? tf.cast(t, type) : inputs.includes(t) ? tf.clone(t) : t;
      });
    });
    made.forEach((t, i) => {
      const { shape } = node.outputs[i]!;
      if (t.shape.length !== shape.length || t.shape.some((d, k) => d !== shape[k])) throw new AnnealError('internal', `tfjs gave ${dims(t.shape)} for ${dims(shape)}.`);
    });
    return made;
  } catch (cause) {
    if (cause instanceof AnnealError && cause.code !== 'internal') throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    const where = `${node.op.name}(${node.inputs.map((v) => `${v.dtype}${dims(v.shape)}`).join(', ')})${node.segment === undefined ? '' : ` in ${node.segment}`}`;
    throw new AnnealError(/resource_?exhausted|out of memory|OOM/i.test(text) ? 'memory-exceeded' : 'runtime-failed', `tfjs stopped at ${where}: ${text.split('\n')[0] ?? ''}`, {}, { cause });
  }
}

function fed(tf: Tf, v: Value, data: TypedArray | undefined): Tensor {
  const name = v.name as string;
  if (data === undefined) throw new AnnealError('bad-request', `Input "${name}" was not fed.`, { input: name });
  if (data.length !== elementCount(v.shape)) throw new AnnealError('shape-mismatch', `Input "${name}" has shape ${dims(v.shape)} but ${data.length} elements were fed.`, { input: name });
  if (!isArrayOf(v.dtype, data) && !(v.dtype === 'int64' && data instanceof Int32Array)) throw new AnnealError('tensor-dtype', `Input "${name}" is ${v.dtype} but was fed a ${data.constructor.name}.`, { input: name });
  return toTensor(tf, v.dtype, v.shape, data);
}

/** Per node, what nobody reads after it. Outputs live to the end. */
function lastReaders(g: Graph): Map<Node, Value[]> {
  const last = new Map<Value, Node>();
  for (const n of g.nodes) for (const v of [...n.outputs, ...n.inputs]) last.set(v, n);
  for (const v of g.outputs.values()) last.delete(v);
  const dying = new Map<Node, Value[]>();
  for (const [v, n] of last) if (v.source?.kind !== 'weight' && v.source?.kind !== 'constant') dying.set(n, [...(dying.get(n) ?? []), v]);
  return dying;
}

/** Bytes that a program keeps on the device between runs. */
export function keptBytes(g: Graph): number {
  return g.values.reduce((n, v) => (v.source?.kind === 'weight' || v.source?.kind === 'constant' ? n + Math.max(byteLength(v), tfType(v.dtype) === 'bool' ? 0 : 4 * elementCount(v.shape)) : n), 0);
}
