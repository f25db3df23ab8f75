/**
 * Brings a run's checkpoint records and its folders together before it continues. They part when something dies between the writing of a folder and its record:
 * records whose folder is missing or torn go (a torn folder is set aside as `damaged-...`); folders without a record go too, so that later clean-up counts only what is known. If no record is left, the newest whole folder gets one.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Checkpoint } from '../../../shared/schema/entities.ts';
import type { Store } from '../../store/open.ts';
import { newId } from '../ids.ts';
import type { HostLog } from '../log.ts';

/** What the trainer writes beside the weights, as far as a record needs it. */
const trainerState = z.object({ global_step: z.number().int().min(0), weight_hash: z.string(), kind: z.enum(['adapter', 'full']) });

export function reconcileCheckpoints(store: Store, runId: string, log: HostLog): void {
  const run = store.runs.get(runId), records = store.checkpoints.of(runId), folder = join(store.home.runs, runId);
  const gone = records.filter((c) => !readState(c.path)), kept = records.filter((c) => !gone.includes(c)), known = new Set(kept.map((c) => c.path));
  const unknown = foldersOf(folder).filter((path) => !known.has(path) && !gone.some((c) => c.path === path));
  let adopted: Checkpoint | undefined;
  if (kept.length === 0) {
    for (const path of unknown) {
      const state = readState(path);
      if (!state) continue;
      adopted = { id: newId('ckp'), run_id: run.id, run_name: run.name, model_id: run.model_id, step: state.global_step, path, kind: state.kind, weight_hash: state.weight_hash, bytes: bytesOf(path), metrics: {}, created_at: Date.now() };
      break;
    }
  }
  const durable = adopted?.step ?? kept.at(-1)?.step ?? 0;
  if (gone.length > 0 || adopted || durable !== run.durable_step) {
    store.durable(() => {
      for (const c of gone) store.checkpoints.remove(c.id);
      if (adopted) store.checkpoints.put(adopted);
      store.runs.change(runId, { durable_step: durable });
      if (gone.length > 0) store.logs.add(runId, 'warn', `The checkpoint${gone.length > 1 ? 's' : ''} of step ${gone.map((c) => c.step).join(', ')} ${gone.length > 1 ? 'are' : 'is'} missing or damaged; the run continues from step ${durable}.`);
    });
    log.warn(`run ${runId}: ${gone.length} checkpoint records had lost their folder, or it was damaged${adopted ? `; the folder of step ${adopted.step} was taken up` : ''}`);
  }
  for (const c of gone) if (existsSync(c.path)) renameSync(c.path, unusedPath(join(dirname(c.path), `damaged-${basename(c.path)}`)));
  for (const path of unknown) if (path !== adopted?.path) rmSync(path, { recursive: true, force: true });
}

function unusedPath(path: string): string {
  let free = path;
  for (let n = 2; existsSync(free); n++) free = `${path}-${n}`;
  return free;
}

/** Newest first. */
function foldersOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const step = (name: string): number => Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? NaN);
  return readdirSync(folder).filter((name) => !Number.isNaN(step(name))).toSorted((a, b) => step(b) - step(a)).map((name) => join(folder, name));
}

function readState(path: string): z.infer<typeof trainerState> | undefined {
  try { return trainerState.parse(JSON.parse(readFileSync(join(path, 'trainer_state.json'), 'utf8'))); } catch { return undefined; }
}

const bytesOf = (path: string): number => readdirSync(path).reduce((n, name) => n + statSync(join(path, name)).size, 0);
