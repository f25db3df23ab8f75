/**
 * Links in a model folder. The hub's cache keeps models as links (`models--owner--name/snapshots/<commit>/file` -> `../../blobs/<hash>`): links that stay inside such a model's own folder are fine, and so are links inside the folder
 * itself. Any other link could make an import read, and an export copy, a file that is none of the model's.
 */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';

/** Files of a model that are read or copied; a link of another name is left alone. */
const READ = /\.(safetensors|json|jinja|txt|model|md)$|^LICEN[CS]E/i;

const inside = (root: string, path: string): boolean => { const r = relative(root, path); return r === '' || (!isAbsolute(r) && r !== '..' && !r.startsWith(`..${sep}`)); };

/** The folder that links of this folder may lead into: itself, or the model of the hub's cache that it is a snapshot of. */
function rootOf(folder: string): string {
  const snapshots = dirname(folder), model = dirname(snapshots);
  return basename(snapshots) === 'snapshots' && /^models--./.test(basename(model)) ? model : folder;
}

/** Throws `path-not-allowed` for a link that leaves the folder, `file-not-found` for one that leads nowhere. */
export function refuseForeignLinks(folder: string): void {
  const real = realpathSync(folder), root = rootOf(real);
  for (const name of readdirSync(real)) {
    if (!READ.test(name) || !lstatSync(join(real, name)).isSymbolicLink()) continue;
    let target: string;
    try { target = realpathSync(join(real, name)); } catch (cause) {
      throw new AnnealError('file-not-found', `${name} in ${basename(folder)} is a link to a file that is not there; download the model again, or copy the file into the folder.`, { file: name }, { cause });
    }
    if (!inside(root, target)) throw new AnnealError('path-not-allowed', `${name} in ${basename(folder)} is a link that leaves the model's folder; copy the file itself into the folder.`, { file: name });
  }
}
