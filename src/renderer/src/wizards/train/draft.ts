/** A recipe while it is being made: the same object as the YAML, holding only what was chosen. Missing values are the defaults of the schema. Pure. */
import { METHODS } from '../../../../shared/methods/index.ts';
import type { MethodId } from '../../../../shared/methods/index.ts';
import { loraAdapter } from '../../../../shared/schema/recipe.ts';
import type { LoraAdapter, Recipe } from '../../../../shared/schema/recipe.ts';
import { healthDraft, healthSection } from './health-draft.ts';
import type { HealthDraft } from './health-draft.ts';

export type Values = Record<string, unknown>;
export interface Draft {
  name?: string; method: MethodId; model?: string; checkpoint?: string; chat_template?: string;
  data: { train?: string; eval?: string; eval_rows?: number; format?: string; columns?: Record<string, string> };
  adapter: 'none' | Values; train: Values;
  samples: { prompts: string[]; sampling?: Values };
  health?: HealthDraft;
  threads?: number;
  memory_gb?: number;
  device?: Recipe['device'];
  precision?: Recipe['precision'];
}
export const emptyDraft = (): Draft => ({ method: 'sft', data: {}, adapter: {}, train: {}, samples: { prompts: [] } });

export const trainDefaults = (method: MethodId): Values => METHODS[method].train.parse({});
export const loraDefaults = (): LoraAdapter => loraAdapter.parse({});

/** The draft as the host takes it: empty parts left out, except those that must be named. */
export function recipeOf(d: Draft): Values {
  const out: Values = { method: d.method, model: d.model ?? '', data: clean({ train: d.data.train ?? '', eval: d.data.eval, eval_rows: d.data.eval_rows, format: d.data.format, columns: d.data.columns }), adapter: d.adapter === 'none' ? 'none' : { type: 'lora', ...d.adapter } };
  if (d.name !== undefined && d.name.trim() !== '') out['name'] = d.name.trim();
  if (d.checkpoint !== undefined) out['checkpoint'] = d.checkpoint;
  if (d.chat_template !== undefined) out['chat_template'] = d.chat_template;
  if (Object.keys(d.train).length > 0) out['train'] = d.train;
  const prompts = d.samples.prompts.map((p) => p.trim()).filter((p) => p !== '').slice(0, 16);
  if (prompts.length > 0) out['samples'] = clean({ prompts, sampling: d.samples.sampling });
  const health = healthSection(d.health ?? {});
  if (health !== undefined) out['health'] = health;
  if (d.threads !== undefined) out['threads'] = d.threads;
  if (d.memory_gb !== undefined) out['memory_gb'] = d.memory_gb;
  if (d.device !== undefined) out['device'] = d.device;
  if (d.precision !== undefined) out['precision'] = d.precision;
  return out;
}

/** A checked recipe as a draft: what equals a default counts as not chosen. */
export function draftOf(r: Recipe): Draft {
  const { samples, adapter } = r;
  return {
    ...clean({ name: r.name, model: r.model, checkpoint: r.checkpoint, chat_template: r.chat_template, threads: r.threads, memory_gb: r.memory_gb, device: r.device, precision: r.precision }),
    method: r.method, data: clean({ train: r.data.train, eval: r.data.eval, format: r.data.format, columns: r.data.columns, ...(r.data.eval_rows === DEFAULT_EVAL_ROWS ? {} : { eval_rows: r.data.eval_rows }) }),
    adapter: adapter === 'none' ? 'none' : changed({ ...adapter }, { ...loraDefaults() }), train: changed({ ...r.train }, trainDefaults(r.method)),
    samples: { prompts: samples.prompts, sampling: { ...samples.sampling } }, health: healthDraft(r),
  };
}
/** Settings of an adapter as a draft: a run that continues it must have the same rank and layers. */
export const adapterDraft = (adapter: LoraAdapter): Values => changed({ ...adapter }, { ...loraDefaults() });
export const DEFAULT_EVAL_ROWS = 256;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const changed = (values: Values, defaults: Values): Values => Object.fromEntries(Object.entries(values).filter(([k, v]) => k !== 'type' && !same(v, defaults[k])));
const clean = <T extends object>(o: T): T => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T;

/** Sets one value, or forgets it when it equals its default, so that "changed" means changed. */
export function withValue(values: Values, defaults: Values, name: string, value: unknown): Values {
  const { [name]: _, ...rest } = values;
  return same(value, defaults[name]) ? rest : { ...rest, [name]: value };
}
