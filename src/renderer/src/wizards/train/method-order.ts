/** The methods that can run today, in the order in which one should think of them: by what the data can say. Pure. */
import { DATASET_KINDS } from '../../../../shared/formats.ts';
import type { DatasetKind } from '../../../../shared/formats.ts';
import { METHOD_IDS, METHODS } from '../../../../shared/methods/index.ts';
import type { MethodId } from '../../../../shared/methods/index.ts';

export const GOALS = [
  { id: 'show', methods: ['sft'] },
  { id: 'prefer', methods: ['dpo', 'kto', 'cpo', 'orpo', 'bco'] },
  { id: 'judge', methods: ['reward'] },
] as const satisfies readonly { id: string; methods: readonly MethodId[] }[];
export type GoalId = (typeof GOALS)[number]['id'];
/** Where to start when nothing speaks against it. */
export const RECOMMENDED: ReadonlySet<MethodId> = new Set<MethodId>(['sft', 'dpo']);

/** Row kinds that the method learns from and that a dataset can hold. */
export const kindsFor = (method: MethodId): DatasetKind[] => DATASET_KINDS.filter((kind) => (METHODS[method].rows as readonly string[]).includes(kind));
export const fits = (method: MethodId, kind: DatasetKind): boolean => kindsFor(method).includes(kind);

/** Methods that no goal names come last, so that a new one is never hidden. */
export function offered(): { id: GoalId | 'other'; methods: MethodId[] }[] {
  const runs = METHOD_IDS.filter((id) => kindsFor(id).length > 0), named = new Set<MethodId>(GOALS.flatMap((g) => [...g.methods]));
  const groups: { id: GoalId | 'other'; methods: MethodId[] }[] = GOALS.map((g) => ({ id: g.id, methods: g.methods.filter((m) => runs.includes(m)) }));
  return [...groups, { id: 'other' as const, methods: runs.filter((m) => !named.has(m)) }].filter((g) => g.methods.length > 0);
}
