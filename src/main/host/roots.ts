/**
 * Which paths a face may name. A window or a browser tab reaches the person's own folders, data folders at the top of the disk, and what ANNEAL_ROOTS adds; system folders and hidden folders
 * (keys, browser profiles) are refused, also through links. The command line is the person's own shell: it may name anything that the system lets it read.
 */
import { readdirSync, realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { AnnealError } from '../../shared/errors.ts';

const SYSTEM = new Set(['proc', 'sys', 'dev', 'etc', 'boot', 'run', 'var', 'usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'root', 'lost+found', 'private', 'System', 'Library', 'Applications', 'cores']);
const DRIVES = ['/media', '/mnt', '/Volumes', '/run/media'];
/** Hidden folders that hold models and data. */
const HIDDEN_ALLOWED = new Set(['.cache', '.local', '.anneal']);

export interface Roots {
  /** The real path, or `path-not-allowed`, or `file-not-found`. Relative paths count from the working folder. */
  check(path: string): Promise<string>;
  /** One more folder or file that may be named: the person picked it in the system's own dialog. */
  allow(path: string): void;
  places(): { name: string; path: string }[];
}

const within = (root: string, path: string): boolean => { const r = relative(root, path); return r === '' || (!isAbsolute(r) && r !== '..' && !r.startsWith(`..${sep}`)); };

export function createRoots(options: { any: boolean; home: string; resources: string | null; env?: NodeJS.ProcessEnv }): Roots {
  const env = options.env ?? process.env;
  const added = (env['ANNEAL_ROOTS'] ?? '').split(delimiter).filter((p) => p !== '');
  const named = [homedir(), process.cwd(), options.home, ...(options.resources === null ? [] : [options.resources]), ...added].map(real);
  const roots = [...named, ...topFolders()].filter((p) => parse(p).root !== p || process.platform === 'win32');
  const picked = new Set<string>(), may = (path: string): boolean => options.any || allowed(path, roots) || [...picked].some((p) => within(p, path));
  const refused = (path: string): AnnealError => new AnnealError('path-not-allowed', `"${shown(path)}" is outside of the folders that Anneal may read: copy it under your home folder, or add its folder to ANNEAL_ROOTS.`);
  return {
    check: async (path) => {
      const full = resolve(path);
      if (!may(full)) throw refused(path);
      let target: string;
      try { target = await realpath(full); } catch (e) { throw new AnnealError('file-not-found', `"${shown(path)}" does not exist.`, {}, { cause: e }); }
      if (!may(target)) throw refused(path);
      return target;
    },
    allow: (path) => { picked.add(resolve(path)); },
    places: () => [{ name: 'home', path: homedir() }, { name: 'working', path: process.cwd() }, ...drives().map((path) => ({ name: parse(path).base || path, path })), ...added.map((path) => ({ name: parse(path).base, path }))]
      .filter((p, i, all) => all.findIndex((q) => q.path === p.path) === i),
  };
}

function allowed(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => within(root, path) && !hasHidden(relative(root, path)));
}
const hasHidden = (part: string): boolean => part.split(sep).some((s) => s.startsWith('.') && s !== '.' && !HIDDEN_ALLOWED.has(s));

function topFolders(): string[] {
  if (process.platform === 'win32') return drives();
  const top = list('/').filter((name) => !SYSTEM.has(name) && !name.startsWith('.')).map((name) => `/${name}`);
  return [...top, ...DRIVES];
}
function drives(): string[] {
  if (process.platform === 'win32') return Array.from({ length: 26 }, (_, i) => `${String.fromCharCode(65 + i)}:\\`).filter((d) => list(d).length > 0);
  return DRIVES.flatMap((folder) => list(folder).map((name) => join(folder, name)));
}
function list(folder: string): string[] { try { return readdirSync(folder); } catch { return []; } }
function real(path: string): string { try { return realpathSync(path); } catch { return resolve(path); } }

/** The end of a long path: enough to recognise it, without the whole tree. */
const shown = (path: string): string => (path.length > 80 ? `...${path.slice(-77)}` : path);
