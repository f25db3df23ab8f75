/** A recipe: what to run. The same YAML drives the window and the command line, and is kept with its run. Unknown keys are refused; `schema/recipe-issues` names the nearest one. */
import { z } from 'zod';
import { METHODS } from '../methods/index.ts';
import { deviceChoice, precision } from './device.ts';
import { recipeHealth } from './health.ts';

/** A list of names, also written as one text: "q_proj, v_proj". */
const nameList = z.preprocess((v) => (typeof v === 'string' ? v.split(',').map((part) => part.trim()).filter((part) => part !== '') : v), z.array(z.string().min(1)));
/** A number by module pattern, also written as one text: "q_proj=4, layers\\.0\\..*=8". */
const patternMap = (value: z.ZodNumber) => z.preprocess((v) => (typeof v === 'string' ? Object.fromEntries(v.split(',').filter((part) => part.trim() !== '').map((part) => { const at = part.lastIndexOf('='); return [part.slice(0, at).trim(), Number(part.slice(at + 1))]; })) : v), z.record(z.string().min(1), value));
const indexList = z.preprocess((v) => (typeof v === 'string' ? v.split(',').filter((part) => part.trim() !== '').map(Number) : typeof v === 'number' ? [v] : v), z.array(z.number().int().min(0)));

export const LORA_INITS = ['gaussian', 'pissa', 'olora', 'orthogonal'] as const;

/** Names and meanings of peft 0.21's LoraConfig; r, lora_alpha and target_modules default to TRL's choices (peft: 8, 8 and per architecture). Empty lists stand for peft's None; target_modules `default` are peft's layers for the model type. */
export const loraAdapter = z.strictObject({
  type: z.literal('lora').default('lora'),
  r: z.number().int().min(1).max(1024).default(16),
  lora_alpha: z.number().positive().default(32),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('all-linear'),
  exclude_modules: nameList.default([]),
  layers_to_transform: indexList.default([]),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  bias: z.enum(['none', 'all', 'lora_only']).default('none'),
  rank_pattern: patternMap(z.number().int().min(1).max(1024)).default({}),
  alpha_pattern: patternMap(z.number().positive()).default({}),
  modules_to_save: nameList.default([]),
  /** Also `pissa_niter_N`: PiSSA by N rounds of subspace iteration instead of a whole decomposition. */
  init_lora_weights: z.union([z.boolean(), z.enum(LORA_INITS), z.string().regex(/^pissa_niter_\d{1,3}$/)]).default(true),
  /** QLoRA: the frozen linear weights in 4 bit. Names of TRL's ModelConfig. */
  load_in_4bit: z.boolean().default(false),
  bnb_4bit_quant_type: z.enum(['nf4', 'fp4']).default('nf4'),
});
export type LoraAdapter = z.infer<typeof loraAdapter>;

export const columnMapping = z.record(z.string(), z.string());

export const recipeData = z.strictObject({
  /** Dataset id, dataset name, or a file. */
  train: z.string().min(1),
  eval: z.string().min(1).optional(),
  /** Format id (shared/formats.ts) when sniffing must not decide. */
  format: z.string().optional(),
  columns: columnMapping.optional(),
  /** At most this many held-out rows are scored at an evaluation. */
  eval_rows: z.number().int().min(1).default(256),
});

export const sampling = z.strictObject({
  temperature: z.number().min(0).max(10).default(0),
  top_k: z.number().int().min(0).default(0),
  top_p: z.number().gt(0).max(1).default(1),
  min_p: z.number().min(0).max(1).default(0),
  repetition_penalty: z.number().gt(0).max(10).default(1),
  max_new_tokens: z.number().int().min(1).max(65536).default(128),
  seed: z.number().int().min(0).max(0xffffffff).default(0),
});
export type Sampling = z.infer<typeof sampling>;
/** How a model's generation_config.json wants to be sampled; what it does not say is left out. */
export const samplingDefaults = z.object({ temperature: z.number(), top_k: z.number(), top_p: z.number(), min_p: z.number(), repetition_penalty: z.number(), max_new_tokens: z.number() }).partial();

export const recipeSamples = z.strictObject({
  prompts: z.array(z.string().min(1).max(20_000)).max(16).default([]),
  sampling: sampling.prefault({ max_new_tokens: 64 }),
});

const common = {
  name: z.string().min(1).max(120).optional(),
  /** Model id, model name, or a folder. */
  model: z.string().min(1),
  /** Start from this checkpoint (id, or `run-name@step`) of an earlier run on the same model. */
  checkpoint: z.string().min(1).optional(),
  /** Use this chat template instead of the model's own: `chatml`, or Jinja text. */
  chat_template: z.string().optional(),
  data: recipeData,
  adapter: z.union([z.literal('none'), loraAdapter]).prefault({}),
  samples: recipeSamples.prefault({}),
  /** What is watched beside the loss, and what pauses the run. */
  health: recipeHealth.optional(),
  threads: z.number().int().min(1).max(256).optional(),
  /** Where it is computed; default: the setting. */
  device: deviceChoice.optional(),
  precision: precision.optional(),
  /** Most memory that the run may plan with, in GB (10^9 bytes); default: what is free, less a margin. */
  memory_gb: z.number().positive().max(1e6).optional(),
} as const;
/** The recipe of one method: `train` has that method's parameters. */
const recipeOf = <K extends string, S extends z.ZodObject>(method: K, train: S) => z.strictObject({ method: z.literal(method), ...common, train: train.prefault({} as z.input<S>) });

export const recipe = z.discriminatedUnion('method', [
  recipeOf('sft', METHODS.sft.train), recipeOf('reward', METHODS.reward.train), recipeOf('dpo', METHODS.dpo.train), recipeOf('kto', METHODS.kto.train),
  recipeOf('bco', METHODS.bco.train), recipeOf('cpo', METHODS.cpo.train), recipeOf('orpo', METHODS.orpo.train),
]);
export type Recipe = z.infer<typeof recipe>;
export type RecipeInput = z.input<typeof recipe>;

/** One thing wrong with a recipe: `path` like `train.learning_rate`; `nearest` is the key that was probably meant. */
export const recipeIssue = z.object({ path: z.string(), message: z.string(), nearest: z.string().optional() });
export type RecipeIssue = z.infer<typeof recipeIssue>;
