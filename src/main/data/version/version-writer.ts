/** Writes a dataset version: rows as canonical JSON lines, an offset index, meta.json. Everything goes to a temporary folder first, is flushed to disk, and appears under its content hash in one rename. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CanonicalRow } from '../../../shared/formats.ts';
import { encodeIndex } from './row-index.ts';
import { INDEX_FILE, META_FILE, ROWS_FILE, type VersionMeta } from './version-meta.ts';

const FLUSH_BYTES = 1024 * 1024;
const KEYS = ['kind', 'id', 'messages', 'prompt', 'completion', 'chosen', 'rejected', 'label', 'margin', 'text', 'tools', 'tags', 'source', 'meta'] as const;

/** One row as its line in rows.jsonl: keys in one order, keys inside messages and meta as they came, so that equal rows have equal bytes. Lone surrogates are written as JSON escapes. */
export function canonicalLine(row: CanonicalRow): string {
  const source: Record<string, unknown> = row;
  const ordered: Record<string, unknown> = {};
  for (const k of KEYS) if (source[k] !== undefined) ordered[k] = source[k];
  return `${JSON.stringify(ordered)}\n`;
}

async function flushed(path: string, data: Uint8Array | string): Promise<void> {
  await writeFile(path, data, { flush: true });
}

/** Removes what imports of processes that are gone have left (a crash, a kill). */
async function removeUnfinished(outDir: string): Promise<void> {
  const names = await readdir(outDir).catch((): string[] => []);
  for (const name of names) {
    const pid = /^\.writing-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(outDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch (e) { return e instanceof Error && 'code' in e && e.code === 'EPERM'; }
}

/** Makes a rename inside of the folder durable, where the system can. */
async function syncFolder(dir: string): Promise<void> {
  try {
    const folder = await open(dir, 'r');
    try { await folder.sync(); } finally { await folder.close(); }
  } catch { /* Windows cannot open folders */ }
}

export class VersionWriter {
  readonly #out: string;
  readonly #tmp: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #offsets: number[] = [0];
  #pending: string[] = [];
  #pendingBytes = 0;

  constructor(out: string, tmp: string, file: FileHandle) {
    this.#out = out;
    this.#tmp = tmp;
    this.#file = file;
  }

  /** Begins a version below `outDir` (made if needed). */
  static async begin(outDir: string): Promise<VersionWriter> {
    await removeUnfinished(outDir);
    const tmp = join(outDir, `.writing-${process.pid}-${randomBytes(6).toString('hex')}`);
    await mkdir(tmp, { recursive: true });
    return new VersionWriter(outDir, tmp, await open(join(tmp, ROWS_FILE), 'wx'));
  }

  get rows(): number { return this.#offsets.length - 1; }

  async add(row: CanonicalRow): Promise<void> {
    const line = canonicalLine(row);
    const size = Buffer.byteLength(line);
    this.#offsets.push((this.#offsets.at(-1) ?? 0) + size);
    this.#pending.push(line);
    this.#pendingBytes += size;
    if (this.#pendingBytes >= FLUSH_BYTES) await this.#write();
  }

  async #write(): Promise<void> {
    const block = Buffer.from(this.#pending.join(''), 'utf8');
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hash.update(block);
    await this.#file.appendFile(block);
  }

  /** Completes the version and returns its folder. The same rows give the same folder, which is then kept as it is. */
  async finish(meta: Omit<VersionMeta, 'schema' | 'hash' | 'rows' | 'bytes'>): Promise<{ dir: string; meta: VersionMeta; existed: boolean }> {
    await this.#write();
    await this.#file.sync();
    await this.#file.close();
    const full: VersionMeta = { schema: 1, hash: this.#hash.digest('hex'), rows: this.rows, bytes: this.#offsets.at(-1) ?? 0, ...meta };
    await flushed(join(this.#tmp, INDEX_FILE), encodeIndex(this.#offsets));
    await flushed(join(this.#tmp, META_FILE), `${JSON.stringify(full, null, 2)}\n`);
    const dir = join(this.#out, full.hash);
    try {
      await rename(this.#tmp, dir);
      await syncFolder(this.#out);
      return { dir, meta: full, existed: false };
    } catch (e) {
      const there = await stat(join(dir, META_FILE)).then(() => true, () => false);
      await rm(this.#tmp, { recursive: true, force: true });
      if (!there) throw e;
      return { dir, meta: full, existed: true };
    }
  }

  /** Gives up: nothing of this version remains. Safe to call after a failure. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#tmp, { recursive: true, force: true });
  }
}
