/**
 * Runs graphs: the only importer of onnxruntime-node. Settings come from measurement: no memory pattern (-30 % memory), threads that spin only where asked (between
 * runs never: sessions would slow each other down), sequential execution. Runs are synchronous inside the binding: the event loop stands still during a run.
 */

import './no-telemetry.ts';
import { InferenceSession, Tensor, env } from 'onnxruntime-node';
import { AnnealError } from '../../../shared/errors.ts';
import { byteLength, dims, elementCount, isArrayOf, sameShape } from '../graph/dtype.ts';
import type { DType, TypedArray } from '../graph/dtype.ts';
import type { Graph } from '../graph/node.ts';
import { forWebgpu } from '../graph/passes/for-webgpu.ts';
import { writeOnnx } from '../onnx/write.ts';
import type { OnnxModel } from '../onnx/write.ts';
import { compileForTfjs } from '../tfjs/compile.ts';
import { DeviceTensor, type Feed, type Traffic } from './device-tensor.ts';
import { planExternalFiles } from './external-files.ts';
import type { ProviderId } from '../../../shared/schema/device.ts';

export interface CompileOptions {
  threads?: number;
  /** Where it runs; default cpu. A graph is prepared for the device here, with the same inputs and outputs. */
  provider?: ProviderId;
  /** Keep packed copies of frozen weights: faster, about twice their memory. Default true. */
  prepack?: boolean;
  /** Threads wait actively inside a run: about 6 % faster steps where the cores are free (measured at 135M), slower where others want them. Default false. */
  spin?: boolean;
  optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Writes an ORT profile (JSON) with this path prefix. */
  profile?: string;
  /** Gives the model as it was written before, or by `write`; it must be the same. `location` says where a weight file is to be found. */
  written?: (write: () => OnnxModel, location: (path: string) => string) => WrittenModel;
  /** Outputs that stay in the device's memory (webgpu only): `runKeeping` gives them. */
  keep?: readonly string[];
  /** Counts the bytes that are fed and fetched. */
  traffic?: Traffic | undefined;
  /** Saves the graph after ORT's own optimisation, for inspection. */
  dumpOptimized?: string;
}

export interface WrittenModel extends Pick<OnnxModel, 'bytes' | 'nodeCount'> { readonly nodeNames: () => OnnxModel['nodeNames'] }

export interface Result { readonly data: TypedArray; readonly shape: readonly number[]; readonly dtype: DType }

export interface Kept { readonly results: Record<string, Result>; readonly kept: Record<string, DeviceTensor> }

/** A compiled graph. Owns native memory: dispose it. */
export interface Program {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly onnxNodes: number;
  readonly onnxBytes: number;
  readonly createMs: number;
  /** Feeds every input; returns the named outputs (default all that are not kept). Not fetching an output saves its copy. Outputs named in `into` are written there. */
  run(feeds: Record<string, Feed>, outputs?: readonly string[], into?: Readonly<Record<string, Float32Array>>): Promise<Record<string, Result>>;
  /** All outputs; those of `keep` as tensors of the device, which the caller releases. */
  runKeeping(feeds: Record<string, Feed>): Promise<Kept>;
  dispose(): Promise<void>;
}

export const runtimeVersion = (): string => String((env.versions as { node?: string }).node ?? 'unknown');

export async function compile(given: Graph, options: CompileOptions = {}): Promise<Program> {
  const { threads = 0, provider = 'cpu', prepack = true, spin = false, keep = [], traffic } = options;
  if (keep.length > 0 && provider !== 'webgpu') throw new AnnealError('runtime-failed', `Outputs stay on a device only with webgpu; onnxruntime-node has no tensors for ${provider}.`, { provider });
  if (provider === 'tfjs') return { ...await compileForTfjs(given), runKeeping: () => Promise.reject(new AnnealError('runtime-failed', 'tfjs keeps no outputs on its device.', { provider })) };
  // float32 means float32: cuBLAS would round the factors of products to 10 bits (TF32). Read when the library starts.
  if (provider === 'cuda') process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  const g = provider === 'webgpu' ? forWebgpu(given) : given;
  const files = g.weights.flatMap(v => (v.source?.kind === 'weight' && v.source.weight.kind === 'file' ? [v.source.weight.path] : []));
  const external = planExternalFiles(files);
  // The session has read the bytes; what stays alive for messages does not hold them.
  const write = (): OnnxModel => writeOnnx(g, { provider, location: external.location });
  const { bytes, ...model } = (options.written ?? plainly)(write, external.location);
  // ORT's fusions above 'basic' rewrite double graphs into kernels that only exist for float.
  const hasDouble = g.values.some(v => v.dtype === 'float64');
  const level = options.optimization ?? (hasDouble ? 'basic' : 'all');
  const started = performance.now();
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, {
      executionProviders: [provider], graphOptimizationLevel: level, executionMode: 'sequential', interOpNumThreads: 1,
      ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
      enableMemPattern: false, enableCpuMemArena: true, logSeverityLevel: 3,
      ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
      ...(options.dumpOptimized === undefined ? {} : { optimizedModelFilePath: options.dumpOptimized }),
      ...(external.buffers.length ? { externalData: external.buffers } : {}),
      ...(keep.length === 0 ? {} : { preferredOutputLocation: Object.fromEntries([...g.outputs.keys()].map((name) => [name, keep.includes(name) ? 'gpu-buffer' : 'cpu'])) }),
      extra: {
        session: {
          ...(spin ? { force_spinning_stop: '1' } : { intra_op: { allow_spinning: '0' } }),
          ...(prepack ? {} : { disable_prepacking: '1' }),
          ...(external.folder === undefined ? {} : { model_external_initializers_file_folder_path: external.folder }),
        },
      },
    });
  } catch (cause) { throw refused(cause, model, 'onnxruntime refused the compiled graph'); }

  const types = new Map(g.inputs.map(v => [v.name as string, v]));
  const shapes = new Map([...g.outputs].map(([name, v]) => [name, v.shape]));
  const fetched = session.outputNames.filter(name => !keep.includes(name));
  const createMs = performance.now() - started;
  const execute = async (feeds: Record<string, Feed>, fetches: Record<string, Tensor | null>): Promise<Record<string, Tensor>> => {
    const tensors: Record<string, Tensor> = {};
    for (const [name, v] of types) {
      tensors[name] = feedTensor(name, v, feeds[name]);
      if (traffic !== undefined && !(feeds[name] instanceof DeviceTensor)) traffic.toDevice += byteLength(v);
    }
    try { return await session.run(tensors, fetches) as Record<string, Tensor>; } catch (cause) { throw refused(cause, model, 'onnxruntime stopped while running'); }
  };
  const resultOf = (t: Tensor, data = t.data as unknown as TypedArray): Result => {
    if (traffic !== undefined) traffic.fromDevice += data.byteLength;
    return { data, shape: t.dims, dtype: t.type as DType };
  };
  return {
    inputNames: session.inputNames, outputNames: session.outputNames, onnxNodes: model.nodeCount, onnxBytes: bytes.length, createMs,
    async run(feeds, outputs = fetched, into = {}) {
      const results = await execute(feeds, Object.fromEntries(outputs.map(name => [name, into[name] === undefined ? null : new Tensor('float32', into[name], shapes.get(name)!)])));
      return Object.fromEntries(outputs.map(name => [name, resultOf(results[name]!, into[name])]));
    },
    async runKeeping(feeds) {
      const results = await execute(feeds, Object.fromEntries(session.outputNames.map(name => [name, null])));
      return { results: Object.fromEntries(fetched.map(name => [name, resultOf(results[name]!)])), kept: Object.fromEntries(keep.map(name => [name, new DeviceTensor(results[name]!)])) };
    },
    async dispose() { await session.release(); },
  };
}

function plainly(write: () => OnnxModel): WrittenModel {
  const { bytes, nodeCount, nodeNames } = write();
  return { bytes, nodeCount, nodeNames: () => nodeNames };
}

function feedTensor(name: string, v: { dtype: DType; shape: readonly number[] }, data: Feed | undefined): Tensor {
  if (!data) throw new AnnealError('bad-request', `Input "${name}" was not fed.`, { input: name });
  if (data instanceof DeviceTensor) {
    if (data.dtype !== v.dtype || !sameShape(data.shape, v.shape)) throw new AnnealError('shape-mismatch', `Input "${name}" is ${v.dtype}${dims(v.shape)} but was fed ${data.dtype}${dims(data.shape)}.`, { input: name });
    return data.handle;
  }
  if (data.length !== elementCount(v.shape)) throw new AnnealError('shape-mismatch', `Input "${name}" has shape ${dims(v.shape)} but ${data.length} elements were fed.`, { input: name });
  let typed = data;
  if (v.dtype === 'int64' && data instanceof Int32Array) typed = BigInt64Array.from(data, BigInt);
  if (!isArrayOf(v.dtype, typed)) throw new AnnealError('tensor-dtype', `Input "${name}" is ${v.dtype} but was fed a ${data.constructor.name}.`, { input: name });
  return new Tensor(v.dtype as 'float32', typed as Float32Array, v.shape);
}

/** Turns ORT's exception into our error and names the graph node if the message mentions one. */
function refused(cause: unknown, model: Pick<WrittenModel, 'nodeNames'>, what: string): AnnealError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const nodeNames = model.nodeNames();
  const name = [...nodeNames.keys()].filter(n => text.includes(n)).toSorted((a, b) => b.length - a.length)[0];
  const node = name === undefined ? undefined : nodeNames.get(name);
  const where = node ? ` at ${node.op.name}(${node.inputs.map(v => `${v.dtype}${dims(v.shape)}`).join(', ')})${node.segment === undefined ? '' : ` in ${node.segment}`}` : '';
  const memory = /bad_alloc|failed to allocate|out of memory/i.test(text);
  return new AnnealError(memory ? 'memory-exceeded' : 'runtime-failed', `${what}${where}: ${text.split('\n')[0]}`, name === undefined ? {} : { node: name }, { cause });
}
