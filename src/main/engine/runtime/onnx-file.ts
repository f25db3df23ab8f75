/** Opens an ONNX file as any program does that has onnxruntime: by its path, with its data file beside it and free dimensions. Knows nothing of graphs; for looking at what was exported. */
import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AnnealError } from '../../../shared/errors.ts';

export interface OnnxTensor { data: Float32Array | BigInt64Array; shape: readonly number[] }
export interface OnnxFile {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OnnxTensor>>, outputs?: readonly string[]): Promise<Record<string, OnnxTensor>>;
  dispose(): Promise<void>;
}

export async function openOnnxFile(path: string, threads: number): Promise<OnnxFile> {
  const told = (cause: unknown): AnnealError => new AnnealError('runtime-failed', `onnxruntime refused the ONNX file: ${(cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? ''}`, {}, { cause });
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(path, { executionProviders: ['cpu'], interOpNumThreads: 1, enableMemPattern: false, logSeverityLevel: 3, ...(threads > 0 ? { intraOpNumThreads: threads } : {}), extra: { session: { intra_op: { allow_spinning: '0' } } } });
  } catch (cause) { throw told(cause); }
  return {
    inputNames: session.inputNames, outputNames: session.outputNames,
    run: async (feeds, outputs = session.outputNames) => {
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, { data, shape }]) => [name, data instanceof BigInt64Array ? new Tensor('int64', data, shape) : new Tensor('float32', data, shape)]));
      let results: InferenceSession.ReturnType;
      try { results = await session.run(tensors, outputs); } catch (cause) { throw told(cause); }
      return Object.fromEntries(outputs.map((name) => { const t = results[name] as Tensor; return [name, { data: t.data as Float32Array, shape: t.dims }]; }));
    },
    dispose: async () => { await session.release(); },
  };
}
