/** Looking into the components of a tokenizer.json. */

import type { Json } from '../architectures/architecture.ts';

export const isRecord = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);
export const contentOf = (v: unknown): string | null => (typeof v === 'string' ? v : isRecord(v) && typeof v['content'] === 'string' ? v['content'] : null);

/** All `type` names of a component, nested sequences included. */
export function componentTypes(component: unknown): string[] {
  if (!isRecord(component)) return [];
  const inner = ['normalizers', 'decoders', 'pretokenizers', 'processors'].flatMap((k) => (Array.isArray(component[k]) ? component[k].flatMap(componentTypes) : []));
  return [...(typeof component['type'] === 'string' ? [component['type']] : []), ...inner];
}

/** The special token that a post-processor puts before or after a single text; null: none. */
export function startingToken(component: unknown, end: 'first' | 'last'): string | null {
  if (!isRecord(component)) return null;
  if (Array.isArray(component['processors'])) return component['processors'].map((p) => startingToken(p, end)).find((t) => t !== null) ?? null;
  const single = component['single'];
  const piece: unknown = Array.isArray(single) ? single.at(end === 'first' ? 0 : -1) : null;
  const special = isRecord(piece) ? piece['SpecialToken'] : null;
  return isRecord(special) && typeof special['id'] === 'string' ? special['id'] : null;
}
