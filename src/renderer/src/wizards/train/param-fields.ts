/** The parameters step, derived from what the method declares: groups in order, what is basic, what a value may be. Pure; a method's author writes no form. */
import type { z } from 'zod';
import { METHODS } from '../../../../shared/methods/index.ts';
import type { MethodId } from '../../../../shared/methods/index.ts';
import type { FieldHint } from '../../../../shared/methods/method.ts';
import { loraAdapter } from '../../../../shared/schema/recipe.ts';
import type { LoraAdapter } from '../../../../shared/schema/recipe.ts';
import { loraDefaults, trainDefaults } from './draft.ts';
import type { Draft, Values } from './draft.ts';

export type Group = FieldHint['group'];
export const GROUPS: readonly Group[] = ['length', 'batch', 'optimiser', 'schedule', 'adapter', 'data', 'loss', 'memory', 'evaluation'];
export interface ParamField { name: string; section: 'train' | 'adapter'; hint: FieldHint; fallback: unknown; /** The value may be left to the method: on, off or automatic. */ nullable: boolean; schema: z.ZodType }

const ADAPTER_HINTS: { [K in Exclude<keyof LoraAdapter, 'type'>]: FieldHint } = {
  r: { group: 'adapter', level: 'basic', control: 'integer', min: 1, max: 1024 },
  lora_alpha: { group: 'adapter', level: 'basic', control: 'number', min: 0 },
  lora_dropout: { group: 'adapter', level: 'advanced', control: 'number', min: 0, max: 0.99 },
  target_modules: { group: 'adapter', level: 'advanced', control: 'modules' },
  exclude_modules: { group: 'adapter', level: 'advanced', control: 'modules' },
  layers_to_transform: { group: 'adapter', level: 'advanced', control: 'modules' },
  modules_to_save: { group: 'adapter', level: 'advanced', control: 'modules' },
  use_rslora: { group: 'adapter', level: 'advanced', control: 'switch' },
  use_dora: { group: 'adapter', level: 'advanced', control: 'switch' },
  bias: { group: 'adapter', level: 'advanced', control: 'select', options: ['none', 'lora_only', 'all'] },
  rank_pattern: { group: 'adapter', level: 'advanced', control: 'text' },
  alpha_pattern: { group: 'adapter', level: 'advanced', control: 'text' },
  init_lora_weights: { group: 'adapter', level: 'advanced', control: 'select', options: ['true', 'gaussian', 'orthogonal', 'pissa', 'pissa_niter_4', 'olora', 'false'] },
  load_in_4bit: { group: 'memory', level: 'advanced', control: 'switch' },
  bnb_4bit_quant_type: { group: 'memory', level: 'advanced', control: 'select', options: ['nf4', 'fp4'] },
};

export function paramFields(method: MethodId, adapter: Draft['adapter']): ParamField[] {
  const m = METHODS[method], defaults = trainDefaults(method);
  const shape = m.train.shape as Record<string, z.ZodType>;
  const train = Object.entries(m.hints).map(([name, hint]): ParamField => ({ name, section: 'train', hint, fallback: defaults[name], nullable: defaults[name] === null, schema: shape[name] as z.ZodType }));
  if (adapter === 'none') return train;
  const lora: Values = { ...loraDefaults() }, loraShape = loraAdapter.shape as Record<string, z.ZodType>;
  return [...train, ...Object.entries(ADAPTER_HINTS).map(([name, hint]): ParamField => ({ name, section: 'adapter', hint, fallback: lora[name], nullable: false, schema: loraShape[name] as z.ZodType }))];
}

export const valuesOf = (d: Draft, section: ParamField['section']): Values => (section === 'train' ? d.train : d.adapter === 'none' ? {} : d.adapter);
export const isChanged = (d: Draft, f: ParamField): boolean => f.name in valuesOf(d, f.section);
export const valueOf = (d: Draft, f: ParamField): unknown => (isChanged(d, f) ? valuesOf(d, f.section)[f.name] : f.fallback);
/** The schema refuses the value. What a number field reports for half-typed text is undefined, and that is refused too. */
export const isInvalid = (d: Draft, f: ParamField): boolean => isChanged(d, f) && (valuesOf(d, f.section)[f.name] === undefined || !f.schema.safeParse(valuesOf(d, f.section)[f.name]).success);

/** "0 to 1", "at least 8": bounds of the schema, or null where it has none. */
export function bounds(f: ParamField): { min: number | null; max: number | null } {
  const json = schemaBounds(f.schema);
  return { min: json.min ?? f.hint.min ?? null, max: json.max ?? f.hint.max ?? null };
}
function schemaBounds(schema: z.ZodType): { min: number | null; max: number | null } {
  let at: unknown = schema;
  for (let i = 0; i < 4; i++) {
    if (typeof at !== 'object' || at === null) break;
    const inner: unknown = 'def' in at && typeof at.def === 'object' && at.def !== null && 'innerType' in at.def ? at.def.innerType : undefined;
    if (inner === undefined) break;
    at = inner;
  }
  const read = (key: 'minValue' | 'maxValue'): number | null => {
    const v: unknown = typeof at === 'object' && at !== null && key in at ? (at as Record<string, unknown>)[key] : null;
    return typeof v === 'number' && Number.isFinite(v) && Math.abs(v) < Number.MAX_SAFE_INTEGER ? v : null;
  };
  return { min: read('minValue'), max: read('maxValue') };
}

/** Names of values that the schema refuses. */
export const invalidFields = (d: Draft): ParamField[] => paramFields(d.method, d.adapter).filter((f) => isInvalid(d, f));

const numberOf = (v: unknown): number => (typeof v === 'number' ? v : 0);
/** What makes a parameter matter; without an entry it always does. */
const MATTERS: Record<string, (value: (name: string) => unknown, d: Draft) => boolean> = {
  loss_weights: () => false, // shown with the losses themselves
  discopop_tau: (v) => namesOf(v('loss_type')).includes('discopop'),
  f_alpha_divergence_coef: (v) => v('f_divergence_type') === 'alpha_divergence',
  ref_model_mixup_alpha: (v) => v('sync_ref_model') === true,
  ref_model_sync_steps: (v) => v('sync_ref_model') === true,
  sync_ref_model: (v, d) => d.adapter === 'none' || v('sync_ref_model') === true,
  simpo_gamma: (v) => v('loss_type') === 'simpo',
  bnb_4bit_quant_type: (v) => v('load_in_4bit') === true,
  disable_dropout: (v) => numberOf(v('lora_dropout')) > 0 || v('disable_dropout') === false,
};
export const namesOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === 'string' ? value.split(',').map((part) => part.trim()).filter((part) => part !== '') : []);
/** False while the other choices leave a parameter without effect. One that was changed is always shown, so that nothing changed is out of sight. */
export function isShown(d: Draft, fields: readonly ParamField[], f: ParamField): boolean {
  const matters = MATTERS[f.name];
  if (matters === undefined || (isChanged(d, f) && f.name !== 'loss_weights')) return true;
  return matters((name) => { const other = fields.find((x) => x.name === name); return other === undefined ? undefined : valueOf(d, other); }, d);
}
