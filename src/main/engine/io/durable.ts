/** Files and folders that survive a power cut: flush the file, flush the folder, then rename into place. */

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';

const TEMPORARY = '.tmp-';

export function fsyncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function writeFileDurably(path: string, content: string | Uint8Array): void {
  const handle = openSync(path, 'w');
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Builds a folder under a temporary name and renames it to `path` once every file in it is on the disk. On any failure nothing of it remains, and what stood at `path` is untouched. */
export function writeFolderDurably(path: string, fill: (folder: string) => void): void {
  const parent = dirname(path);
  const temporary = join(parent, `${TEMPORARY}${basename(path)}-${process.pid}`);
  try {
    mkdirSync(parent, { recursive: true });
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    fill(temporary);
    fsyncTree(temporary);
    if (existsSync(path)) {
      const old = join(parent, `${TEMPORARY}old-${basename(path)}-${process.pid}`);
      renameSync(path, old);
      renameSync(temporary, path);
      rmSync(old, { recursive: true, force: true });
    } else {
      renameSync(temporary, path);
    }
    fsyncPath(parent);
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AnnealError('disk-full', `The disk is full: ${basename(path)} was not written and nothing half-written was left; free some space, then resume.`, { file: basename(path) }, { cause });
    throw cause;
  }
}

/** Removes what an interrupted `writeFolderDurably` of a dead process left in `parent`. */
export function removeTemporaries(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) if (name.startsWith(TEMPORARY)) rmSync(join(parent, name), { recursive: true, force: true });
}

function fsyncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) fsyncTree(path);
    else fsyncPath(path);
  }
  fsyncPath(folder);
}
