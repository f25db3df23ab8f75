/** The tree below a model, flat and in reading order: base, its runs (newest first), their checkpoints (latest first), runs that start from a checkpoint, and exports under what they were made from. Pure. */
import type { Checkpoint, Run } from '../../../../shared/schema/entities.ts';
import type { ExportRecord } from '../../../../shared/schema/export.ts';

export type LineageRow =
  | { kind: 'run'; key: string; depth: number; run: Run; /** The start named in its recipe does not exist any more. */ lostStart: boolean; startStep: number | null }
  | { kind: 'checkpoint'; key: string; depth: number; checkpoint: Checkpoint; best: boolean; latest: boolean }
  | { kind: 'export'; key: string; depth: number; record: ExportRecord }
  | { kind: 'more'; key: string; depth: number; runId: string; hidden: number };

export interface Lineage { rows: LineageRow[]; runs: number; checkpoints: number; exports: number }
/** Checkpoints of a run that are shown before the rest is asked for: those with descendants always are. */
const SHOWN = 3;

export function lineageOf(modelId: string, all: { runs: readonly Run[]; checkpoints: readonly Checkpoint[]; exports: readonly ExportRecord[] }, open: ReadonlySet<string> = new Set()): Lineage {
  const runs = all.runs.filter((r) => r.model_id === modelId), checkpoints = all.checkpoints.filter((c) => c.model_id === modelId), exports = all.exports.filter((e) => e.model_id === modelId);
  const known = new Map(checkpoints.map((c) => [c.id, c])), ofRun = group(checkpoints, (c) => c.run_id), exportsAt = group(exports, (e) => e.checkpoint_id ?? '');
  const isBase = (r: Run): boolean => r.recipe.checkpoint === undefined || !known.has(r.recipe.checkpoint);
  const startedAt = group(runs.filter((r) => !isBase(r)), (r) => r.recipe.checkpoint ?? '');
  const rows: LineageRow[] = [], seen = new Set<string>();

  const addExports = (at: string, depth: number): void => { for (const record of (exportsAt.get(at) ?? []).toSorted(newest)) rows.push({ kind: 'export', key: record.id, depth, record }); };
  const addRun = (run: Run, depth: number): void => {
    if (seen.has(run.id)) return;
    seen.add(run.id);
    const start = run.recipe.checkpoint;
    rows.push({ kind: 'run', key: run.id, depth, run, lostStart: start !== undefined && !known.has(start), startStep: start === undefined ? null : known.get(start)?.step ?? null });
    const list = (ofRun.get(run.id) ?? []).toSorted((a, b) => b.step - a.step);
    const kept = open.has(run.id) || list.length <= SHOWN + 1 ? list : list.filter((c, i) => i === 0 || c.step === run.best_step || startedAt.has(c.id) || exportsAt.has(c.id));
    for (const c of kept) {
      rows.push({ kind: 'checkpoint', key: c.id, depth: depth + 1, checkpoint: c, best: c.step === run.best_step, latest: c === list[0] });
      addExports(c.id, depth + 2);
      for (const child of (startedAt.get(c.id) ?? []).toSorted(newest)) addRun(child, depth + 2);
    }
    if (list.length > SHOWN + 1) rows.push({ kind: 'more', key: `${run.id}:more`, depth: depth + 1, runId: run.id, hidden: list.length - kept.length });
  };

  addExports('', 1);
  for (const c of checkpoints.filter((x) => x.imported !== undefined).toSorted(newest)) {
    rows.push({ kind: 'checkpoint', key: c.id, depth: 1, checkpoint: c, best: false, latest: false });
    addExports(c.id, 2);
    for (const child of (startedAt.get(c.id) ?? []).toSorted(newest)) addRun(child, 2);
  }
  for (const run of runs.filter(isBase).toSorted(newest)) addRun(run, 1);
  // A run whose start descends from itself would otherwise be nowhere.
  for (const run of runs) addRun(run, 1);
  return { rows, runs: runs.length, checkpoints: checkpoints.length, exports: exports.length };
}

const newest = (a: { created_at: number; id: string }, b: { created_at: number; id: string }): number => b.created_at - a.created_at || (a.id < b.id ? 1 : -1);
function group<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const item of items) { const list = out.get(key(item)); if (list) list.push(item); else out.set(key(item), [item]); }
  return out;
}
