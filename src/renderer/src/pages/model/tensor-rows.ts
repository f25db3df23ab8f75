/** The rows of the tensor table: filtered, grouped by layer, groups open or closed. Pure. */
import type { ModelTensor } from '../../../../shared/schema/model-view.ts';

export interface TensorGroup { key: string; place: ModelTensor['place']; layer: number | null; tensors: ModelTensor[]; parameters: number; bytes: number }
export type TensorRow = { kind: 'group'; group: TensorGroup; open: boolean } | { kind: 'tensor'; tensor: ModelTensor; /** Its name without what the group says already. */ short: string };

const words = (t: ModelTensor): string => `${t.name} [${t.shape.join(', ')}] ${t.shape.join('x')} ${t.dtype}`.toLowerCase();
/** Every word must be found, in the name, the shape ("576x576" or "[576, 576]") or the type. */
export function filterTensors(tensors: readonly ModelTensor[], filter: string): readonly ModelTensor[] {
  const wanted = filter.toLowerCase().split(/\s+(?![^[]*\])/).filter((w) => w !== '');
  return wanted.length === 0 ? tensors : tensors.filter((t) => { const all = words(t); return wanted.every((w) => all.includes(w)); });
}

export function groupTensors(tensors: readonly ModelTensor[]): TensorGroup[] {
  const groups = new Map<string, TensorGroup>();
  for (const t of tensors) {
    const key = t.place === 'layer' ? String(t.layer) : t.place;
    const group = groups.get(key) ?? { key, place: t.place, layer: t.layer, tensors: [], parameters: 0, bytes: 0 };
    group.tensors.push(t);
    group.parameters += t.parameters;
    group.bytes += t.bytes;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** `closed`: keys of groups whose tensors are hidden. */
export function tensorRows(groups: readonly TensorGroup[], closed: ReadonlySet<string>): TensorRow[] {
  return groups.flatMap((group): TensorRow[] => [
    { kind: 'group', group, open: !closed.has(group.key) },
    ...(closed.has(group.key) ? [] : group.tensors.map((tensor): TensorRow => ({ kind: 'tensor', tensor, short: group.place === 'layer' ? tensor.name.replace(/^.*?\.\d+\./, '') : tensor.name }))),
  ]);
}
