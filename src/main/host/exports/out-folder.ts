/** The folder that an export will make: allowed, with a parent that exists, and itself not there or empty. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import type { Roots } from '../roots.ts';

export async function outFolder(roots: Roots, path: string): Promise<string> {
  const full = resolve(path), name = basename(full), above = dirname(full);
  if (name === '' || above === full) throw new AnnealError('path-not-allowed', 'An export needs a folder of its own: give a name under an existing folder.');
  if (name.startsWith('.')) throw new AnnealError('path-not-allowed', `"${name}" would be hidden: choose a name that does not begin with a point.`);
  let parent: string;
  try { parent = await roots.check(above); } catch (e) {
    if (e instanceof AnnealError && e.code === 'file-not-found') throw new AnnealError('file-not-found', `The folder "${basename(above)}", in which the export should be made, does not exist: make it first, or choose another.`, {}, { cause: e });
    throw e;
  }
  const out = join(parent, name), there = await stat(out).catch(() => null);
  if (there !== null && (!there.isDirectory() || (await readdir(out)).length > 0)) throw new AnnealError('conflict', `"${name}" exists already and is not an empty folder: choose another name, so that nothing of yours is overwritten.`);
  return out;
}
