/** Models on a Hugging Face hub: what a repository holds, and downloads of it. Nothing here is fetched unless a person asks for that very model. */
import { z } from 'zod';
import { errorShapeSchema, id, time } from './base.ts';

/** `owner/name`, or `owner/name@revision` (branch, tag or commit). A pasted address of the model's page is accepted too. */
export const hubName = z.string().min(1).max(300);

/** `sha256` where the hub keeps the file as a large one, else the git object's `sha1`. */
export const hubFile = z.object({ path: z.string(), bytes: z.number(), kind: z.enum(['config', 'weights', 'tokenizer', 'template', 'card']), sha256: z.string().nullable(), sha1: z.string().nullable() });
export type HubFile = z.infer<typeof hubFile>;

export const hubPreview = z.object({
  /** `owner/name` as the hub writes it. */
  model: z.string(), revision: z.string(), /** What the revision means now: 40 hex digits. */ commit: z.string(), /** Address of the hub that was asked. */ endpoint: z.string(),
  /** As the hub's card says it, with its link for "other"; null: the card names none. */
  license: z.string().nullable(), license_link: z.string().nullable(),
  /** The hub asks for an account that has accepted the model's conditions. */
  gated: z.boolean(), private: z.boolean(),
  /** `model_type`; null: the hub does not say (GGUF). `supported` null: only the files can tell. */
  family: z.string().nullable(), supported: z.boolean().nullable(),
  /** What would be downloaded: a Hugging Face folder, or one GGUF file with the card. */
  format: z.enum(['folder', 'gguf']), files: z.array(hubFile), bytes: z.number(),
  /** All GGUF files of the repository, to choose one by its path. */
  gguf: z.array(hubFile),
  disk_free: z.number(), disk_needed: z.number(),
  /** Why it cannot be downloaded or used, in sentences; empty: nothing is in the way. */
  problems: z.array(z.string()),
  /** This commit lies on the disk already, as this model. */
  model_id: z.string().nullable(),
});
export type HubPreview = z.infer<typeof hubPreview>;

export const DOWNLOAD_STATUS = ['queued', 'running', 'paused', 'importing', 'done', 'failed', 'cancelled'] as const;
export const download = z.object({
  id, model: z.string(), name: z.string(), revision: z.string(), commit: z.string(), endpoint: z.string(), license: z.string().nullable(), format: z.enum(['folder', 'gguf']),
  status: z.enum(DOWNLOAD_STATUS),
  bytes: z.number(), bytes_done: z.number(), files: z.number(), files_done: z.number(), /** The file under way. */ file: z.string().nullable(),
  /** Of the last seconds; null until measured. */ bytes_per_second: z.number().nullable(), seconds_left: z.number().nullable(),
  /** Failed: what happened; a failed download keeps what it has and can be resumed. */ error: errorShapeSchema.nullable(),
  /** The imported model, once done. */ model_id: z.string().nullable(), /** Folder of the finished files. */ folder: z.string().nullable(),
  started_at: time, ended_at: time.nullable(),
});
export type Download = z.infer<typeof download>;

export const hubAccess = z.object({ endpoint: z.string(), /** Where the access token is: only in memory, or also in a file that only this account can read. */ token: z.enum(['none', 'memory', 'file', 'environment']) });
export type HubAccess = z.infer<typeof hubAccess>;
