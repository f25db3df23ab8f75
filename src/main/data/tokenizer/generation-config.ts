/** What generation_config.json says about sampling, as the defaults of this model. Source: transformers' GenerationConfig; without `do_sample` temperature and filters do not apply. Its stop tokens are read by tokenizer.ts. */
import { AnnealError } from '../../../shared/errors.ts';
import { sampling, type Sampling } from '../../../shared/schema/recipe.ts';
import type { JsonObject } from './files.ts';

const NAMES = ['temperature', 'top_k', 'top_p', 'min_p', 'repetition_penalty', 'max_new_tokens'] as const;
export type SamplingDefaults = Partial<Pick<Sampling, (typeof NAMES)[number]>>;
const MOST_TOKENS = 65_536;
const FILTERS = new Set<string>(['top_k', 'top_p', 'min_p']);

/** Throws `model-config-invalid`, naming the value. Entries that are null or not known are left out. */
export function samplingDefaults(config: JsonObject): SamplingDefaults {
  const out: SamplingDefaults = {}, sampled = config['do_sample'] === true;
  for (const name of NAMES) {
    const value = config[name];
    if (value === undefined || value === null) continue;
    const parsed = sampling.shape[name].safeParse(typeof value === 'number' ? usual(name, value) : value);
    if (!parsed.success) throw wrong(name, value);
    if (sampled || !(FILTERS.has(name) || name === 'temperature')) out[name] = parsed.data;
  }
  for (const name of ['eos_token_id', 'bos_token_id', 'pad_token_id']) {
    const value = config[name], ids: unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
    const bad = ids.find((id) => typeof id !== 'number' || !Number.isInteger(id) || id < -1); // -1: none, in old files
    if (bad !== undefined) throw wrong(name, bad);
  }
  if (sampled) out.temperature ??= 1;
  else if (config['do_sample'] === false) out.temperature = 0;
  return out;
}

/** Other writers' "no limit". */
const usual = (name: string, value: number): number => (name === 'top_k' ? Math.max(0, value) : name === 'max_new_tokens' ? Math.min(value, MOST_TOKENS) : value);

const wrong = (name: string, value: unknown): AnnealError => new AnnealError('model-config-invalid', `generation_config.json: ${name} cannot be ${(JSON.stringify(value) ?? 'undefined').slice(0, 60)}; correct it, or remove the line.`, { name });
