/** What stands beside the rows of a dataset version (meta.json). A version is immutable and named by the hash of its canonical rows. */
import { z } from 'zod';
import { DATASET_KINDS, FORMAT_IDS } from '../../../shared/formats.ts';

export const ROWS_FILE = 'rows.jsonl';
export const INDEX_FILE = 'rows.idx';
export const META_FILE = 'meta.json';

export const versionMeta = z.object({
  schema: z.literal(1),
  /** sha256 of rows.jsonl, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  format: z.enum(FORMAT_IDS),
  kind: z.enum(DATASET_KINDS),
  rows: z.number().int().positive(),
  /** Size of rows.jsonl. */
  bytes: z.number().int().positive(),
  /** Source columns, and the mapping (format field -> column) that was applied. */
  columns: z.array(z.string()),
  mapping: z.record(z.string(), z.string()),
  file_name: z.string(),
  bad_rows: z.number().int(),
  /** The first bad rows. */
  bad: z.array(z.object({ line: z.number(), code: z.enum(['dataset-syntax', 'row-invalid']), message: z.string() })),
});
export type VersionMeta = z.infer<typeof versionMeta>;
