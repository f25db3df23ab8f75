/** Handler of `files`: the picker. Shows folders, and files that can be what is wanted; hidden and refused ones are left out. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { FileEntry } from '../../../shared/schema/data.ts';
import type { HostContext } from '../context.ts';

const ENTRIES = 2000;
const EXTENSIONS: Record<'model' | 'dataset' | 'recipe' | 'folder', readonly string[]> = { model: ['.gguf'], folder: [], dataset: ['.jsonl', '.json', '.csv', '.tsv', '.txt', '.ndjson'], recipe: ['.yaml', '.yml'] };
/** Hidden folders that people keep models in. */
const SHOWN_HIDDEN = new Set(['.cache']);

export const filesService = ({ roots }: HostContext): Service<typeof contract.files> => ({
  list: async ({ path, want }) => {
    const places = roots.places();
    if (path === undefined) return { path: null, parent: null, entries: [], places };
    const folder = await roots.check(path);
    let names: string[];
    try { names = await readdir(folder); } catch (e) { throw new AnnealError('file-unreadable', `The folder "${folder.slice(-80)}" cannot be read${e instanceof Error && 'code' in e && e.code === 'ENOTDIR' ? ': it is a file' : ''}.`, {}, { cause: e }); }
    const found = await Promise.all(names.filter((n) => !n.startsWith('.') || SHOWN_HIDDEN.has(n)).slice(0, ENTRIES).map((name) => entry(join(folder, name), name, want)));
    const entries = found.filter((e) => e !== null).toSorted((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === 'folder' ? -1 : 1));
    const parent = dirname(folder);
    const up = parent === folder ? null : await roots.check(parent).then(() => parent, () => null);
    return { path: folder, parent: up, entries, places };
  },
});

async function entry(path: string, name: string, want: keyof typeof EXTENSIONS): Promise<FileEntry | null> {
  const s = await stat(path).catch(() => null);
  if (!s) return null;
  if (s.isDirectory()) {
    const has = (file: string): Promise<boolean> => stat(join(path, file)).then(() => true, () => false);
    const hint = want === 'folder' ? 'none' : await has('adapter_config.json') ? 'adapter' : await has('config.json') ? 'model' : 'none';
    return { name, path, kind: 'folder', bytes: 0, modified: s.mtimeMs, hint };
  }
  if (!s.isFile() || !EXTENSIONS[want].includes(extname(name).toLowerCase())) return null;
  return { name, path, kind: 'file', bytes: s.size, modified: s.mtimeMs, hint: want === 'dataset' || want === 'model' ? want : 'none' };
}
