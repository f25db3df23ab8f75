/** The formats that a model can leave in, and the weight types that each can hold. Read by the export dialog, the command line and the host; the engine writes them (main/engine/export/formats). */

/** Names of weight types as GGUF has them; for the others F32, F16, BF16 mean float32, float16, bfloat16. */
export const EXPORT_TYPES = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_K_M'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

export const EXPORT_FORMAT_IDS = ['peft', 'hf', 'gguf', 'onnx', 'ollama'] as const;
export type ExportFormatId = (typeof EXPORT_FORMAT_IDS)[number];

export interface ExportFormat {
  id: ExportFormatId;
  /** For people. */
  label: string;
  types: readonly ExportType[];
  default: ExportType;
  /** Only a checkpoint that is an adapter can be written so. */
  needsAdapter: boolean;
  /** Choices besides the type. */
  options: readonly ('max_shard_bytes' | 'system')[];
}

const GGUF_TYPES = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_K_M'] as const;
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  { id: 'peft', label: 'PEFT adapter', types: ['F32'], default: 'F32', needsAdapter: true, options: [] },
  { id: 'hf', label: 'Hugging Face folder, merged', types: ['F32', 'F16', 'BF16'], default: 'BF16', needsAdapter: false, options: ['max_shard_bytes'] },
  { id: 'gguf', label: 'GGUF', types: GGUF_TYPES, default: 'F16', needsAdapter: false, options: [] },
  { id: 'onnx', label: 'ONNX (onnxruntime, transformers.js)', types: ['F32'], default: 'F32', needsAdapter: false, options: [] },
  { id: 'ollama', label: 'Ollama (GGUF with a Modelfile)', types: GGUF_TYPES, default: 'Q8_0', needsAdapter: false, options: ['system'] },
];

export function exportFormatOf(id: ExportFormatId): ExportFormat {
  const found = EXPORT_FORMATS.find((f) => f.id === id);
  if (found === undefined) throw new RangeError(`no export format ${id}`);
  return found;
}

const ALIASES: Record<string, ExportType> = { FLOAT32: 'F32', FP32: 'F32', FLOAT16: 'F16', FP16: 'F16', HALF: 'F16', BFLOAT16: 'BF16' };
/** A type as people write it: `q8_0`, `float16`. */
export function exportTypeOf(text: string): ExportType | undefined {
  const upper = text.toUpperCase();
  return ALIASES[upper] ?? EXPORT_TYPES.find((t) => t === upper);
}
