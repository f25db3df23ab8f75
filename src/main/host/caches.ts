/** What is kept from run to run below `cache`: compiled graphs, 8-bit copies of models, and log-probabilities of references. Each file is made whole and then renamed, and read whole or mapped; so one may go while runs are at work, which make it again when they need it. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHES, type CacheId, type CacheSize } from '../../shared/schema/cache.ts';

/** Folders as runs are given them (`cache_dir`). */
export const cacheFolder = (root: string): string => join(root, 'cache');
/** Not finished yet: it belongs to the run that writes it. */
const PART = '.part';

export async function listCaches(root: string): Promise<CacheSize[]> {
  return Promise.all(CACHES.map(async (cache) => sum(cache, await filesOf(root, cache))));
}

/** Gives what was freed; a file that the system holds stays, and is not counted. */
export async function clearCache(root: string, cache: CacheId): Promise<CacheSize> {
  const gone: { bytes: number }[] = [];
  for (const file of await filesOf(root, cache)) {
    try { await rm(file.path); gone.push(file); } catch { /* held open (Windows), or gone already */ }
  }
  return sum(cache, gone);
}

async function filesOf(root: string, cache: CacheId): Promise<{ path: string; bytes: number }[]> {
  const folder = join(cacheFolder(root), cache), files: { path: string; bytes: number }[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile() || entry.name.endsWith(PART)) continue;
    const path = join(folder, entry.name), bytes = await stat(path).then((s) => s.size, () => null);
    if (bytes !== null) files.push({ path, bytes });
  }
  return files;
}

const sum = (cache: CacheId, files: readonly { bytes: number }[]): CacheSize => ({ cache, files: files.length, bytes: files.reduce((n, f) => n + f.bytes, 0) });
