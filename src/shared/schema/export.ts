/** Exports: what can be written, what it will need, what was written, and the proof that it answers as the checkpoint did. Sizes are bytes, times milliseconds since 1970. */
import { z } from 'zod';
import { EXPORT_FORMAT_IDS, EXPORT_TYPES } from '../export-formats.ts';
import { errorShapeSchema, id, time } from './base.ts';

export const exportFormat = z.enum(EXPORT_FORMAT_IDS);
export const exportType = z.enum(EXPORT_TYPES);

/** What to export, and how. */
export const exportChoice = z.strictObject({
  model_id: id,
  /** null: the model as it was imported. */
  checkpoint_id: id.nullable(),
  format: exportFormat,
  /** How weights are stored; default: the format's own (shared/export-formats.ts). */
  type: exportType.optional(),
  /** Largest weight file of a Hugging Face folder, in bytes; default 5 GB. One tensor is never cut. */
  max_shard_bytes: z.number().int().min(1_000_000).max(1_000_000_000_000).optional(),
  /** Ollama: the SYSTEM line of the Modelfile. */
  system: z.string().min(1).max(20_000).optional(),
});
export type ExportChoice = z.infer<typeof exportChoice>;

export const exportFile = z.object({ name: z.string(), bytes: z.number() });
export type ExportFile = z.infer<typeof exportFile>;

/** What an export needs, before anything is written. */
export const exportPlan = z.object({
  format: exportFormat, type: exportType,
  /** The file holds every weight exactly: logits must then agree within `tolerance` of the proof. */
  lossless: z.boolean(),
  /** A folder name to suggest. */
  name: z.string(),
  files: z.array(exportFile),
  /** Sum of `files`. Exact, but for README.md, whose figure is an upper bound (the proof is written into it at the end). */
  bytes: z.number(),
  /** Bytes on the disk while the proof runs, beside `bytes`. Upper bound. */
  scratch: z.number(),
  /** Estimate of the largest memory while writing, and while proving. */
  memory: z.object({ write: z.number(), prove: z.number(), available: z.number() }),
  /** Free bytes where `out` will be; null when no folder was named. */
  free: z.number().nullable(), fits: z.boolean(),
  /** Plain sentences: what the person should know (for example why a Modelfile has no TEMPLATE). */
  notes: z.array(z.string()),
});
export type ExportPlan = z.infer<typeof exportPlan>;

/** Measured by loading the exported files again and comparing them with the checkpoint in the app. */
export const exportProof = z.object({
  /** What read the files back. */
  reader: z.enum(['adapter', 'folder', 'gguf', 'onnx']),
  prompts: z.number(), /** Positions whose logits were compared. */ positions: z.number(),
  max_abs_diff: z.number(), mean_abs_diff: z.number(), /** The largest logit, to judge the difference by. */ max_abs_logit: z.number(),
  /** Mean over positions of KL(app || exported), in nats. */
  mean_kl: z.number(), /** Share of positions whose likeliest token is the same. */ same_top: z.number(),
  /** Greedy text: share of prompts with the same tokens to the end, and of tokens that agree before the first difference. */
  same_text: z.number(), same_tokens: z.number(), tokens: z.number(),
  lossless: z.boolean(), /** Largest difference that a lossless format may show; null for a lossy one. */ tolerance: z.number().nullable(), /** null: lossy, nothing to pass. */ passed: z.boolean().nullable(),
  seconds: z.number(),
  /** The first prompt whose text differs. */
  example: z.object({ prompt: z.string(), app: z.string(), exported: z.string() }).nullable(),
});
export type ExportProof = z.infer<typeof exportProof>;

/** done: written, and the proof was made (it may have failed: `proof.passed`). */
export const EXPORT_STATUS = ['running', 'done', 'failed', 'cancelled'] as const;
export const exportRecord = z.object({
  id, model_id: z.string(), model_name: z.string(), checkpoint_id: z.string().nullable(), /** run@step */ checkpoint_name: z.string().nullable(), run_id: z.string().nullable(),
  format: exportFormat, type: exportType, lossless: z.boolean(), max_shard_bytes: z.number().nullable(), system: z.string().nullable(),
  /** The folder; it exists only when the status is `done`. */
  path: z.string(),
  status: z.enum(EXPORT_STATUS), phase: z.enum(['plan', 'write', 'prove', 'finish']), /** Of the phase, 0 to 1. */ progress: z.number(), bytes_done: z.number(), bytes: z.number(), bytes_per_second: z.number().nullable(), seconds_left: z.number().nullable(),
  files: z.array(exportFile), /** Largest resident memory of the engine, while writing and in all; null before the end. */ peak_rss: z.object({ write: z.number(), total: z.number() }).nullable(),
  /** Of the weights that were exported: the checkpoint's, or the model's. */
  weight_hash: z.string(), proof: exportProof.nullable(), notes: z.array(z.string()), error: errorShapeSchema.nullable(), created_at: time, ended_at: time.nullable(),
});
export type ExportRecord = z.infer<typeof exportRecord>;
