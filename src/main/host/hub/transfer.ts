/**
 * One file from the hub to the disk: continues where it stopped (HTTP range, guarded by If-Range), never takes more bytes than announced, and counts as there only when its checksum agrees
 * (SHA-256 for large files, git's SHA-1 of the object for small ones). Until then it is `<name>.part`.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { AnnealError } from '../../../shared/errors.ts';
import type { HubFile } from '../../../shared/schema/hub.ts';
import { refusal } from './model-info.ts';
import { type HubConnection, hubRequest, unreachable } from './request.ts';

export interface TransferOptions {
  connection: HubConnection; model: string; url: URL; file: HubFile; target: string; signal: AbortSignal;
  /** Entity tag of the body that the part on the disk came from. */
  tag: { get(): string | undefined; set(tag: string | undefined): void };
  /** Bytes of this file that are on the disk. */
  onBytes: (done: number) => void;
  /** Milliseconds of one second of back-off. */
  second: number;
}

const TRIES = 5;

/** Throws `hub-unreachable` after several tries without a new byte, `hub-checksum`, `hub-refused`, `disk-full`, `cancelled`. */
export async function transfer(options: TransferOptions): Promise<void> {
  const { file, target, signal, second } = options, part = `${target}.part`;
  if (await sizeOf(target) === file.bytes) { options.onBytes(file.bytes); return; } // renamed only after its checksum agreed
  let last = -1, idle = 0;
  for (;;) {
    signal.throwIfAborted();
    try { await attempt(options, part); break; } catch (e) {
      if (signal.aborted) throw new AnnealError('cancelled', 'The download was stopped.');
      if (!(e instanceof AnnealError) || e.code !== 'hub-unreachable') throw e;
      const size = await sizeOf(part);
      idle = size > last ? 0 : idle + 1;
      last = Math.max(last, size);
      if (idle >= TRIES) throw e;
      await wait(second * Math.min(30, 2 ** idle), undefined, { signal }).catch(() => undefined);
    }
  }
  const hash = await hashOf(part, file);
  if (hash !== (file.sha256 ?? file.sha1)) {
    await rm(part, { force: true });
    options.onBytes(0);
    throw new AnnealError('hub-checksum', `"${file.path}" of "${options.model}" came with another checksum than the hub announces, and was thrown away: resume to fetch it again.`, { file: file.path });
  }
  await rename(part, target);
}

const sizeOf = async (path: string): Promise<number> => stat(path).then((s) => s.size, () => -1);

async function attempt({ connection, model, url, file, signal, tag, onBytes }: TransferOptions, part: string): Promise<void> {
  let done = Math.max(0, await sizeOf(part));
  if (done > file.bytes) { await rm(part, { force: true }); done = 0; }
  onBytes(done);
  const handle = await open(part, 'a');
  try {
    if (done === file.bytes) { await handle.sync(); return; }
    const known = tag.get();
    const headers: Record<string, string> = done === 0 ? {} : { range: `bytes=${done}-`, ...(known === undefined ? {} : { 'if-range': known }) };
    const answer = await hubRequest(connection, url, headers, signal);
    if (answer.status === 200) {
      if (done > 0) { await handle.truncate(0); done = 0; onBytes(0); } // the whole file, from its beginning
    } else if (answer.status === 206) {
      const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
      if (!range || Number(range[1]) !== done || (range[2] !== '*' && Number(range[2]) !== file.bytes)) { answer.body.destroy(); await handle.truncate(0); throw unreachable(connection.endpoint, `it answers another part of "${file.path}" than asked for`); }
    } else {
      answer.body.destroy();
      if (answer.status === 416) await handle.truncate(0);
      throw refusal(connection, answer, model, file.path);
    }
    const etag = answer.headers.etag;
    tag.set(etag !== undefined && !etag.startsWith('W/') ? etag : undefined);
    try {
      answer.body.setTimeout(connection.idleMs, () => { answer.body.destroy(new Error('no data')); });
      for await (const piece of answer.body as AsyncIterable<Buffer>) {
        if (done + piece.length > file.bytes) { answer.body.destroy(); await handle.truncate(0); onBytes(0); throw new AnnealError('hub-checksum', `"${file.path}" of "${model}" is longer than the ${file.bytes} bytes that the hub announces, and was thrown away.`, { file: file.path }); }
        await writeAll(handle, piece);
        done += piece.length;
        onBytes(done);
      }
    } catch (e) {
      if (e instanceof AnnealError || isDiskFull(e)) throw e;
      throw unreachable(connection.endpoint, 'the connection broke', e);
    }
    await handle.sync();
    if (done < file.bytes) throw unreachable(connection.endpoint, `the connection ended at byte ${done} of ${file.bytes}`);
  } catch (e) {
    if (isDiskFull(e)) throw new AnnealError('disk-full', `The disk is full at byte ${done} of "${file.path}": free some space, then resume; what is there is kept.`, { file: file.path }, { cause: e });
    throw e;
  } finally { await handle.close(); }
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten;
}

const isDiskFull = (e: unknown): boolean => e instanceof Error && 'code' in e && (e.code === 'ENOSPC' || e.code === 'EDQUOT');

async function hashOf(path: string, file: HubFile): Promise<string> {
  const hash: Hash = file.sha256 === null ? createHash('sha1').update(`blob ${file.bytes}\0`) : createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}
