/** Exports of very small models as the engine makes them: plan, write, proof, rename. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportTask } from '../../../src/main/engine/protocol.ts';
import { ExportJobs } from '../../../src/main/engine/services/export-job.ts';
import type { ExportFormatId, ExportType } from '../../../src/shared/export-formats.ts';
import type { ExportPlan } from '../../../src/shared/schema/export.ts';
import type { ExportEvent } from '../../../src/main/engine/protocol.ts';

export type Done = Extract<ExportEvent, { type: 'done' }>;
export const temporaryRoot = (): string => mkdtempSync(join(tmpdir(), 'anneal-export-'));
export const removeFolder = (folder: string): void => { rmSync(folder, { recursive: true, force: true }); };

export function task(folder: string, format: ExportFormatId, type: ExportType, patch: Partial<ExportTask> = {}): ExportTask {
  return {
    model: { folder, checkpoint: null, chat_template: null }, format, type, max_shard_bytes: null, system: null, name: 'tiny', data_dir: null, threads: 1,
    lineage: { base: { name: 'acme/tiny', hub: 'acme/tiny', family: 'llama', parameters: 1e5, license: 'mit', weight_hash: 'b45e' }, run: null, imported: null, datasets: [], weight_hash: 'c0de', version: '0.1.0' }, ...patch,
  };
}

export async function exported(root: string, given: ExportTask, signal = new AbortController().signal): Promise<{ out: string; plan: Omit<ExportPlan, 'free' | 'fits'>; done: Done; phases: string[] }> {
  const jobs = new ExportJobs(), plan = await jobs.plan(given), out = join(root, `${given.format}-${given.type}`), temporary = join(root, '.temporary'), phases: string[] = [];
  let done: Done | undefined;
  for await (const event of jobs.run({ ...given, out, temporary }, signal)) { if (event.type === 'done') done = event; else phases.push(event.phase); }
  if (done === undefined) throw new Error('the export ended without a result');
  if (existsSync(temporary)) throw new Error('the temporary folder stayed');
  return { out, plan, done, phases: [...new Set(phases)] };
}
