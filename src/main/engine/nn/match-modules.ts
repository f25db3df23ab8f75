/** Which modules an adapter takes, by peft's rules: target_modules, exclude_modules, layers_to_transform, modules_to_save. */

import { AnnealError } from '../../../shared/errors.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';

/** The part of a linear layer's description that LoRA needs. */
export interface Adaptable { module: string; layer: number; inFeatures: number; outFeatures: number; transposed?: boolean }
export type TargetRules = Pick<LoraAdapter, 'target_modules'> & Partial<Pick<LoraAdapter, 'exclude_modules' | 'layers_to_transform' | 'modules_to_save'>>;

const names = (list: readonly string[], module: string): boolean => list.some((name) => module === name || module.endsWith(`.${name}`));

/** A list matches whole names or dotted suffixes, a string is a regular expression over the whole name, 'all-linear' is every layer. Throws `recipe-value` when nothing matches. */
export function matchTargets<T extends Adaptable>(linears: readonly T[], target: string | readonly string[]): T[] {
  return matchModules(linears, { target_modules: typeof target === 'string' ? target : [...target] });
}

export function matchModules<T extends Adaptable>(linears: readonly T[], rules: TargetRules): T[] {
  const { target_modules: target, exclude_modules: excluded = [], layers_to_transform: layers = [], modules_to_save: saved = [] } = rules;
  const targeted = linears.filter(matcher(target));
  if (targeted.length === 0) {
    const known = [...new Set(linears.map((l) => l.module.split('.').at(-1)))].join(', ');
    throw new AnnealError('recipe-value', `adapter.target_modules ${JSON.stringify(target)} matches no linear layer of this model; its layers are ${known}.`);
  }
  const inside = saved.map((name) => new RegExp(`(?:^|.*\\.)(?:${name})(?:$|\\..*)`));
  const left = targeted.filter((l) => !names(excluded, l.module) && (layers.length === 0 || layers.includes(l.layer)) && !inside.some((pattern) => pattern.test(l.module)));
  if (left.length === 0) throw new AnnealError('recipe-value', `No linear layer is left to adapt after exclude_modules, layers_to_transform and modules_to_save; the model has layers 0 to ${Math.max(...linears.map((l) => l.layer))}.`);
  return left;
}

function matcher(target: string | readonly string[]): (l: Adaptable) => boolean {
  if (target === 'all-linear') return () => true;
  if (typeof target !== 'string') return (l) => names(target, l.module);
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${target})$`, 'u');
  } catch (cause) {
    throw new AnnealError('recipe-value', `adapter.target_modules "${target}" is not a valid regular expression; use a list of names such as [q_proj, v_proj] or "all-linear".`, {}, { cause });
  }
  return (l) => pattern.test(l.module);
}

/** Parameters of the modules named by modules_to_save: peft takes every module whose path ends with the name, so `norm` is every norm. Throws `recipe-value` for a name that is nowhere. */
export function savedParameters<T extends { name: string }>(parameters: readonly T[], saved: readonly string[]): T[] {
  const moduleOf = (name: string): string => name.replace(/\.[^.]+$/, '');
  const chosen = new Set<T>();
  for (const name of saved) {
    const within = parameters.filter((p) => { const path = moduleOf(p.name); return path.endsWith(name) || path.includes(`${name}.`) || path.startsWith(`${name}.`); });
    if (within.length === 0) {
      const known = [...new Set(parameters.map((p) => moduleOf(p.name).split('.').at(-1)))].join(', ');
      throw new AnnealError('recipe-value', `adapter.modules_to_save "${name}" names no module of this model; there are ${known}.`, { value: name });
    }
    for (const p of within) chosen.add(p);
  }
  return parameters.filter((p) => chosen.has(p));
}
