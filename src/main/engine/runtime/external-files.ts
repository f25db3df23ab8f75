/**
 * Where onnxruntime may find weight files. It rejects absolute paths, `..` and symlinks that leave the model's folder, and Hugging Face caches are made of
 * such symlinks. So: resolve every file to its real path, name the deepest folder that holds them all, and write locations relative to it.
 * Files on different roots (Windows drives) are handed over as buffers instead.
 */

import { readFileSync, realpathSync } from 'node:fs';
import { dirname, parse, relative, sep } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';

export interface ExternalPlan {
  /** Folder for session.model_external_initializers_file_folder_path; undefined when there are no files or they are passed as buffers. */
  readonly folder?: string;
  readonly location: (path: string) => string;
  readonly buffers: { path: string; data: Uint8Array }[];
}

export function planExternalFiles(paths: readonly string[]): ExternalPlan {
  const real = new Map<string, string>();
  for (const p of new Set(paths)) {
    try { real.set(p, realpathSync(p)); } catch (cause) { throw new AnnealError('file-not-found', `The weight file ${p} cannot be opened; was it moved or deleted?`, { path: p }, { cause }); }
  }
  const files = [...new Set(real.values())];
  if (files.length === 0) return { location: p => p, buffers: [] };
  const resolved = (p: string): string => real.get(p) ?? p;
  if (new Set(files.map(f => parse(f).root)).size > 1) {
    const label = (p: string): string => `file${files.indexOf(resolved(p))}`;
    return { location: label, buffers: files.map(f => ({ path: label(f), data: readFileSync(f) })) };
  }
  const parts = files.map(f => dirname(f).split(sep));
  let depth = 0;
  while (parts.every(p => depth < p.length && p[depth] === parts[0]?.[depth])) depth++;
  const joined = (parts[0] ?? []).slice(0, depth).join(sep);
  const folder = joined.endsWith(sep) || depth > 1 ? joined : parse(files[0] as string).root;
  return { folder, location: p => relative(folder, resolved(p)).split(sep).join('/'), buffers: [] };
}
