/** Freezing by pattern in full fine-tuning. A plain entry (letters, digits, _ - and dots) names whole parts of a dotted path: `embed_tokens`, `layers.0`, `model.layers.3.mlp`. Anything else is a regular expression for the whole parameter name. */

import { AnnealError } from '../../../shared/errors.ts';

/** The parameters that stay trainable. Throws `recipe-value` for an entry that matches nothing, is no regular expression, or leaves nothing to train. */
export function unfrozen<T extends { name: string }>(parameters: readonly T[], freeze: readonly string[]): T[] {
  const frozen = new Set<T>();
  for (const entry of freeze) {
    const matches = matcher(entry);
    const hit = parameters.filter((p) => matches(p.name));
    if (hit.length === 0) throw new AnnealError('recipe-value', `train.freeze "${entry}" matches no parameter of this model; names look like ${parameters[0]?.name ?? ''} and ${parameters.at(-1)?.name ?? ''}.`, { value: entry });
    for (const p of hit) frozen.add(p);
  }
  const left = parameters.filter((p) => !frozen.has(p));
  if (left.length === 0) throw new AnnealError('recipe-value', 'train.freeze freezes every parameter, so nothing is left to train; remove an entry.');
  return left;
}

function matcher(entry: string): (name: string) => boolean {
  if (/^[\w.-]+$/.test(entry)) return (name) => `.${name}.`.includes(`.${entry}.`);
  try {
    const pattern = new RegExp(`^(?:${entry})$`);
    return (name) => pattern.test(name);
  } catch (cause) {
    throw new AnnealError('recipe-value', `train.freeze "${entry}" is not a valid regular expression; use a part of a parameter name such as embed_tokens or layers.0.`, { value: entry }, { cause });
  }
}
