/** An export in this process: plans it, writes it beside its final place, loads it again and measures how it answers, and renames it. Whatever goes wrong, nothing half-written stays. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import type { ExportPlan } from '../../../shared/schema/export.ts';
import { CARD_SLACK, PROOF_BOUND, modelCard, type CardFacts } from '../export/card.ts';
import type { PlannedExport } from '../export/exporter.ts';
import { exporterOf } from '../export/formats/index.ts';
import { prove } from '../export/proof/prove.ts';
import { openExportSource, type ExportSource } from '../export/source.ts';
import { writeFileDurably } from '../io/durable.ts';
import { parameterCount } from '../models/parameters.ts';
import type { ExportEvent, ExportTask } from '../protocol.ts';
import { EventQueue } from './event-queue.ts';
import { PeakMemory } from './peak-memory.ts';

const CARD = 'README.md';
/** Milliseconds between two progress events. */
const TELL_MS = 100;

type RunTask = ExportTask & { out: string; temporary: string };
interface Prepared { source: ExportSource; planned: PlannedExport; facts: Omit<CardFacts, 'proof'> }

export class ExportJobs {
  async plan(task: ExportTask): Promise<Omit<ExportPlan, 'free' | 'fits'>> {
    const { source, planned, facts } = await prepare(task);
    const card = Buffer.byteLength(modelCard({ ...facts, proof: PROOF_BOUND })) + CARD_SLACK;
    const files = [...planned.files, { name: CARD, bytes: card }], float32 = parameterCount(source.model.family.parameters(source.model.config)) * 4, process_ = process.memoryUsage.rss();
    return {
      format: task.format, type: task.type, lossless: planned.lossless, name: task.name, files, bytes: files.reduce((n, f) => n + f.bytes, 0), scratch: planned.scratchBytes,
      // Weights stay in their file while they are float32; others are widened when a graph is made of them.
      memory: { write: process_ + planned.workingBytes, prove: process_ + float32 + 300e6, available: 0 }, notes: planned.notes,
    };
  }

  /** Events until `done`. A consumer that leaves cancels. */
  async *run(task: RunTask, signal: AbortSignal): AsyncGenerator<ExportEvent> {
    const queue = new EventQueue<ExportEvent>(), left = new AbortController(), either = AbortSignal.any([signal, left.signal]);
    const work = write(task, either, (event) => { queue.push(event); }).then(() => { queue.end(); }, (e: unknown) => { queue.fail(e); });
    try { yield* queue; } finally { left.abort(); await work; }
  }
}

async function prepare(task: ExportTask): Promise<Prepared> {
  const source = await openExportSource(task.model);
  const planned = await exporterOf(task.format).plan(source, { type: task.type, maxShardBytes: task.max_shard_bytes, system: task.system, name: task.name, base: task.lineage.base.hub ?? task.lineage.base.name, license: task.lineage.base.license, threads: task.threads });
  return { source, planned, facts: { name: task.name, format: task.format, type: task.type, files: planned.files, lineage: task.lineage, usage: planned.usage, notes: planned.notes, hasTemplate: source.template !== null } };
}

async function write(task: RunTask, signal: AbortSignal, tell: (event: ExportEvent) => void): Promise<void> {
  const { out, temporary } = task;
  await refuseFullFolder(out);
  const memory = new PeakMemory();
  try {
    await mkdir(temporary, { recursive: true });
    tell({ type: 'progress', phase: 'plan', progress: 0, bytes_done: 0 });
    const { source, planned, facts } = await prepare(task);
    const total = planned.files.reduce((n, f) => n + f.bytes, 0);
    let done = 0, told = 0;
    await planned.write({
      folder: temporary, signal, onBytes: (n) => {
        done += n;
        memory.look();
        if (performance.now() - told < TELL_MS && done < total) return;
        told = performance.now();
        tell({ type: 'progress', phase: 'write', progress: total === 0 ? 1 : Math.min(1, done / total), bytes_done: done });
      },
    });
    const written = memory.look();
    signal.throwIfAborted();
    await checkSizes(temporary, planned);
    tell({ type: 'progress', phase: 'prove', progress: 0, bytes_done: done });
    const proof = await prove(source, planned, temporary, { threads: task.threads, dataDir: task.data_dir, signal, onProgress: (progress) => { memory.look(); tell({ type: 'progress', phase: 'prove', progress, bytes_done: done }); } });
    tell({ type: 'progress', phase: 'finish', progress: 0, bytes_done: done });
    const card = modelCard({ ...facts, proof });
    writeFileDurably(join(temporary, CARD), card);
    await flushFolder(temporary);
    signal.throwIfAborted();
    await refuseFullFolder(out);
    if (existsSync(out)) await rmdir(out);
    await rename(temporary, out);
    await flushFolder(dirname(out));
    tell({ type: 'done', files: [...planned.files, { name: CARD, bytes: Buffer.byteLength(card) }], proof, notes: planned.notes, peak_rss: { write: written, total: memory.look() } });
  } catch (e) {
    await rm(temporary, { recursive: true, force: true });
    const code = e instanceof Error && 'code' in e ? String(e.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AnnealError('disk-full', 'The disk became full while exporting; nothing half-written was left. Free some space, or choose another folder.', {}, { cause: e });
    if (signal.aborted) throw new AnnealError('cancelled', 'The export was cancelled; nothing was left.', {}, { cause: e });
    throw e;
  } finally { memory.stop(); }
}

async function refuseFullFolder(out: string): Promise<void> {
  if (!existsSync(out)) return;
  if (!(await stat(out)).isDirectory() || readdirSync(out).length > 0) throw new AnnealError('conflict', 'The folder to export to exists and is not empty: choose another name, so that nothing of yours is overwritten.');
}

/** What was promised before is what lies there now. */
async function checkSizes(folder: string, { files }: PlannedExport): Promise<void> {
  for (const { name, bytes } of files) {
    const { size } = await stat(join(folder, name));
    if (size !== bytes) throw new AnnealError('internal', `${name} has ${size} bytes where ${bytes} were planned.`);
  }
}

async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be flushed there
  const handle = await open(folder, 'r');
  try { await handle.sync(); } finally { await handle.close(); }
}
