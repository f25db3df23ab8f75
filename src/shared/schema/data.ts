/** Previews of files before they are imported, and rows of datasets. */
import { z } from 'zod';
import { DATASET_KINDS } from '../formats.ts';
import { samplingDefaults } from './recipe.ts';

const rowKind = z.enum(DATASET_KINDS);
/** A canonical row as shown: conversation, prompt with completion, text, a pair of answers, or an answer with a label. */
export const rowView = z.object({
  index: z.number(), kind: rowKind,
  messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(), prompt: z.string().optional(), completion: z.string().optional(), text: z.string().optional(),
  /** Of a pair. */ chosen: z.string().optional(), rejected: z.string().optional(), margin: z.number().optional(), /** Of a labelled answer (`completion`): true is a thumb up. */ label: z.boolean().optional(), tags: z.record(z.string(), z.string()).optional(),
});
export type RowView = z.infer<typeof rowView>;
export const badRow = z.object({ line: z.number(), code: z.string(), message: z.string() });
export const datasetPreview = z.object({
  file_name: z.string(), bytes: z.number(), format: z.string().nullable(), confidence: z.number(), kind: rowKind.nullable(), columns: z.array(z.string()),
  /** Field that the format needs -> column that holds it (suggested where names differ). */
  mapping: z.record(z.string(), z.string()), mapping_needed: z.boolean(), fields: z.array(z.object({ name: z.string(), required: z.boolean() })),
  rows: z.number(), bad_rows: z.number(), bad: z.array(badRow), sample: z.array(rowView), message: z.string().nullable(),
});
export type DatasetPreview = z.infer<typeof datasetPreview>;
export const modelPreview = z.object({
  path: z.string(), family: z.string(), supported: z.boolean(), parameters: z.number(), dtype: z.string(), context: z.number(), vocab_size: z.number(), layers: z.number(), hidden_size: z.number(), heads: z.number(), kv_heads: z.number(), tied: z.boolean(),
  bytes: z.number(), shards: z.number(), weight_hash: z.string(), license: z.string().nullable(), template: z.string().nullable(), /** The template applied to a short conversation. */ template_preview: z.string().nullable(), /** Defaults of its generation_config.json. */ sampling: samplingDefaults.optional(), warnings: z.array(z.string()),
  /** `reward`: a scalar head instead of a language-model head. */
  kind: z.literal('reward').optional(),
  /** Of a GGUF file: bytes that an import writes beside it (0: nothing but small side files). */ import_writes: z.number().optional(),
});
export type ModelPreview = z.infer<typeof modelPreview>;
export const fileEntry = z.object({ name: z.string(), path: z.string(), kind: z.enum(['folder', 'file']), bytes: z.number(), modified: z.number(), /** What it seems to be. */ hint: z.enum(['model', 'adapter', 'dataset', 'none']) });
export type FileEntry = z.infer<typeof fileEntry>;
