/** The closed set of error codes, and the one error class that crosses process boundaries. The renderer translates codes; messages are English, one sentence: what, where, what to do. */

export const ERROR_CODES = [
  // requests
  'bad-request', 'grammar-invalid', 'not-found', 'conflict', 'cancelled', 'unavailable', 'internal', 'unauthorized', 'disconnected', 'version-mismatch',
  // files and models
  'path-not-allowed', 'file-not-found', 'file-unreadable', 'disk-full', 'model-config-invalid', 'model-family-unknown', 'model-shard-missing', 'safetensors-invalid', 'gguf-invalid', 'gguf-unsupported', 'tensor-missing', 'tensor-shape',
  'tensor-dtype', 'tokenizer-missing', 'tokenizer-invalid', 'template-missing', 'template-invalid', 'adapter-invalid', 'checkpoint-invalid',
  // hub
  'hub-unreachable', 'hub-not-found', 'hub-refused', 'hub-checksum',
  // data
  'dataset-empty', 'dataset-format', 'dataset-syntax', 'dataset-columns', 'row-invalid', 'no-trainable-tokens',
  // recipes and runs
  'recipe-syntax', 'recipe-key-unknown', 'recipe-value', 'run-state', 'loss-not-finite', 'memory-exceeded', 'engine-crashed', 'engine-start',
  // engine internals
  'graph-invalid', 'shape-mismatch', 'runtime-failed',
  // store
  'store-locked', 'store-newer', 'store-corrupt',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** JSON form of an error, as it crosses RPC and stands in events. `params` are for translation; never paths of the user's home in full. */
export interface ErrorShape { code: ErrorCode; message: string; params?: Record<string, string | number> }

export class AnnealError extends Error {
  readonly code: ErrorCode;
  readonly params: Record<string, string | number>;
  constructor(code: ErrorCode, message: string, params: Record<string, string | number> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AnnealError';
    this.code = code;
    this.params = params;
  }
  toShape(): ErrorShape { return { code: this.code, message: this.message, params: this.params }; }
  static from(e: ErrorShape): AnnealError { return new AnnealError(e.code, e.message, e.params ?? {}); }
}

const diskFull = new Set(['ENOSPC', 'EDQUOT']);
/** Any thrown value as an error shape. Unknown exceptions become `internal`; the operating system's "no space" keeps its meaning. */
export function errorShape(e: unknown): ErrorShape {
  if (e instanceof AnnealError) return e.toShape();
  const code = e instanceof Error && 'code' in e ? String(e.code) : '';
  if (diskFull.has(code)) return { code: 'disk-full', message: 'The disk is full. Free some space, then resume.' };
  if (e instanceof Error && e.name === 'AbortError') return { code: 'cancelled', message: 'The request was cancelled.' };
  return { code: 'internal', message: e instanceof Error ? e.message : String(e) };
}
