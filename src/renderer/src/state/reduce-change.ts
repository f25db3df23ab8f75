/** Entities by id, and how changes patch them. Pure: one new state for a whole batch, so that the page renders once a frame. */
import type { Change } from '../../../shared/contract.ts';
import type { Checkpoint, Dataset, Demo, Model, Run, Settings } from '../../../shared/schema/entities.ts';
import type { ExportRecord } from '../../../shared/schema/export.ts';

export interface Entities {
  model: Readonly<Record<string, Model>>; dataset: Readonly<Record<string, Dataset>>; run: Readonly<Record<string, Run>>; checkpoint: Readonly<Record<string, Checkpoint>>; demo: Readonly<Record<string, Demo>>;
  export: Readonly<Record<string, ExportRecord>>;
  settings: Settings | null;
}
export const NO_ENTITIES: Entities = { model: {}, dataset: {}, run: {}, checkpoint: {}, demo: {}, export: {}, settings: null };

export function reduceChanges(state: Entities, changes: readonly Change[]): Entities {
  const next: { -readonly [K in keyof Entities]: Entities[K] } = { ...state };
  const copied = new Set<string>();
  for (const change of changes) {
    if (change.topic === 'settings') { next.settings = change.record ?? next.settings; continue; }
    if (!copied.has(change.topic)) { copied.add(change.topic); (next as Record<string, unknown>)[change.topic] = { ...next[change.topic] }; }
    const table = next[change.topic] as Record<string, unknown>;
    if (change.record === null) delete table[change.id]; else table[change.id] = change.record;
  }
  return next;
}
export const byKey = <T extends { id: string }>(records: readonly T[]): Record<string, T> => Object.fromEntries(records.map((r) => [r.id, r]));
