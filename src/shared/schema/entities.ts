/** Records that the store keeps and the window shows. Times are milliseconds since 1970, sizes bytes, ids short strings. */
import { z } from 'zod';
import { errorShapeSchema, id, metricValues, time } from './base.ts';
import { chosenDevice, deviceChoice } from './device.ts';
import { demoAlignment } from './demo-alignment.ts';
import { DATASET_KINDS } from '../formats.ts';
import { loraAdapter, recipe, samplingDefaults } from './recipe.ts';

export const model = z.object({
  id, name: z.string(), source: z.enum(['embedded', 'imported']),
  /** Folder that holds config.json; weights are referenced, never copied (quantised ones of a GGUF file are converted into it). */
  path: z.string(),
  family: z.string(), parameters: z.number(), dtype: z.string(), context: z.number(), vocab_size: z.number(), layers: z.number(), hidden_size: z.number(), tied: z.boolean(),
  bytes: z.number(), shards: z.number(), weight_hash: z.string(), license: z.string().nullable(), has_template: z.boolean(), template: z.string().nullable(),
  /** The GGUF file that the folder was made from, and what became of its weights, in sentences. */
  origin: z.object({ file: z.string(), weight_hash: z.string(), notes: z.array(z.string()) }).optional(),
  /** Where it was downloaded from. */
  hub: z.object({ model: z.string(), commit: z.string() }).optional(),
  /** Defaults of its generation_config.json. */
  sampling: samplingDefaults.optional(),
  created_at: time, missing: z.boolean().default(false),
  /** `reward`: it has a scalar head and scores answers; it writes no text. Absent: a language model. */
  kind: z.literal('reward').optional(),
});
export type Model = z.infer<typeof model>;

export const dataset = z.object({
  id, name: z.string(), source: z.enum(['embedded', 'imported']), format: z.string(), kind: z.enum(DATASET_KINDS),
  rows: z.number(), bytes: z.number(), bad_rows: z.number(), /** Content hash of the canonical rows: the version. */ version: z.string(), dir: z.string(), file_name: z.string(), created_at: time,
});
export type Dataset = z.infer<typeof dataset>;

export const RUN_STATUS = ['queued', 'starting', 'running', 'evaluating', 'pausing', 'paused', 'stopping', 'stopped', 'interrupted', 'failed', 'completed'] as const;
export const runStatus = z.enum(RUN_STATUS);
export type RunStatus = z.infer<typeof runStatus>;

export const run = z.object({
  id, name: z.string(), method: z.string(), status: runStatus, recipe,
  model_id: z.string(), model_name: z.string(), train_dataset_id: z.string(), train_dataset_name: z.string(), eval_dataset_id: z.string().nullable(),
  created_at: time, started_at: time.nullable(), ended_at: time.nullable(),
  step: z.number(), total_steps: z.number(), epoch: z.number(), tokens: z.number(), /** Seconds spent training, over all attempts. */ seconds: z.number(), seconds_left: z.number().nullable(),
  attempt: z.number(), /** Last values of the metrics. */ last: metricValues, /** Up to 60 buckets of the metric that `curveOf` names, for a sparkline. */ spark: z.array(z.number()),
  metric_seq: z.number(), durable_step: z.number(), best_step: z.number().nullable(),
  /** Place in the queue, from 1, while it waits. */ queue: z.number().nullable().default(null),
  error: errorShapeSchema.nullable(), /** Why it waits or paused, in one sentence. */ note: z.string().nullable(),
  /** Where its last attempt was computed; a resumed run keeps it. Absent: it never began. */
  device: chosenDevice.optional(),
  /** Of a reward run: id of its last report card. */
  reward_card: z.string().optional(),
});
export type Run = z.infer<typeof run>;

export const checkpoint = z.object({
  id, run_id: z.string(), run_name: z.string(), model_id: z.string(), step: z.number(), path: z.string(), kind: z.enum(['adapter', 'full']), weight_hash: z.string(), bytes: z.number(), metrics: metricValues, created_at: time,
  /** A PEFT adapter from elsewhere: it has no run (`run_id` is empty, `run_name` its own name, step 0). `base`: the model that its folder names. */
  imported: z.object({ base: z.string().nullable(), adapter: loraAdapter }).optional(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

export const sample = z.object({ run_id: z.string(), step: z.number(), attempt: z.number(), index: z.number(), prompt: z.string(), text: z.string(), tokens: z.number(), reason: z.enum(['stop', 'length', 'cancelled']), seed: z.number() });
export type Sample = z.infer<typeof sample>;

export const logLine = z.object({ seq: z.number(), time, level: z.enum(['info', 'warn', 'error']), text: z.string() });
export type LogLine = z.infer<typeof logLine>;

const settingValues = {
  language: z.enum(['system', 'en', 'zh-CN']),
  theme: z.enum(['system', 'light', 'dark']),
  device: deviceChoice,
  threads: z.number().int().min(0).max(256), // 0: one per physical core
  resume_interrupted: z.boolean(),
  reduced_motion: z.boolean(),
  device_memory_gb: z.number().min(0.1).max(10_000).nullable(), // most of a graphics card's memory to plan with, 10^9 bytes; null: what is free
};
export const settings = z.object({
  language: settingValues.language.default('system'),
  theme: settingValues.theme.default('system'),
  device: settingValues.device.default('auto'),
  threads: settingValues.threads.default(0),
  resume_interrupted: settingValues.resume_interrupted.default(false),
  reduced_motion: settingValues.reduced_motion.default(false),
  device_memory_gb: settingValues.device_memory_gb.default(null),
});
/** Of the settings, those that change. Without defaults: they would reset every other setting. */
export const settingsPatch = z.strictObject(settingValues).partial();
export type Settings = z.infer<typeof settings>;

/** One row of the base-against-tuned table of the demo: exact match with a 95 % Wilson interval. */
export const demoScore = z.object({ task: z.string(), n: z.number(), base: z.number(), base_low: z.number(), base_high: z.number(), tuned: z.number(), tuned_low: z.number(), tuned_high: z.number() });
export const demo = z.object({
  id, status: z.enum(['base', 'training', 'tuned', 'aligning', 'aligned', 'done', 'failed', 'cancelled']), run_id: z.string().nullable(), /** The run of the alignment part. */ align_run_id: z.string().nullish(), progress: z.number(), started_at: time, ended_at: time.nullable(),
  scores: z.array(demoScore), /** Paired difference over all rows with its 95 % interval (bootstrap), and McNemar's exact p. */
  difference: z.object({ mean: z.number(), low: z.number(), high: z.number(), p: z.number() }).nullable(),
  examples: z.array(z.object({ task: z.string(), prompt: z.string(), expected: z.string(), base: z.string(), tuned: z.string() })), /** Absent in demos of before, and where the installation has no pairs. */ alignment: demoAlignment.nullish(), error: errorShapeSchema.nullable(),
});
export type Demo = z.infer<typeof demo>;
