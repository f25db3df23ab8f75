/** Imports of models from the disk: work that goes on while the window does something else, with its progress. */
import { z } from 'zod';
import { errorShapeSchema, id, time } from './base.ts';

export const IMPORT_STATUS = ['running', 'done', 'failed', 'cancelled'] as const;
export const modelImport = z.object({
  id, name: z.string(), path: z.string(), format: z.enum(['folder', 'gguf']), status: z.enum(IMPORT_STATUS),
  /** What is written, where a GGUF file is converted; 0 while unknown, and where nothing is written. */ bytes: z.number(), bytes_done: z.number(),
  /** Of the last seconds; null until measured. */ bytes_per_second: z.number().nullable(), seconds_left: z.number().nullable(),
  /** Failed: what happened; nothing is kept. */ error: errorShapeSchema.nullable(), /** The model, once done. */ model_id: z.string().nullable(),
  started_at: time, ended_at: time.nullable(),
});
export type ModelImport = z.infer<typeof modelImport>;
