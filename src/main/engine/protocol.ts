/** Host <-> engine contract, over the same RPC runtime as the face. An engine knows no store and no ids: it gets resolved paths and numbers, and is expected to die at any moment. */
import { z } from 'zod';
import { call, stream } from '../../shared/rpc/define.ts';
import { adapterFacts } from '../../shared/schema/adapter.ts';
import { chosenDevice, deviceProbe, providerId, selfTestStep } from '../../shared/schema/device.ts';
import { errorShapeSchema, metricValues } from '../../shared/schema/base.ts';
import { modelPreview } from '../../shared/schema/data.ts';
import { exportFile, exportFormat, exportPlan, exportProof, exportType } from '../../shared/schema/export.ts';
import { judgeQuestion, scoredRow } from '../../shared/schema/reward.ts';
import { modelTensors, normProgress, renderedTemplate } from '../../shared/schema/model-view.ts';
import { generateOptions, generationEnd, generationStart, generationToken } from '../../shared/schema/generate.ts';
import { recipe, sampling } from '../../shared/schema/recipe.ts';
import { maskRow, review, trial } from '../../shared/schema/review.ts';
import { provider } from '../../shared/schema/system.ts';

export const ENGINE_KINDS = ['train', 'generate', 'data', 'export', 'device'] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

/** A model on disk: folder with config, weights and tokenizer; optionally a checkpoint on top of it (PEFT adapter folder, or a full-weights folder that replaces it). */
export const modelRef = z.object({ folder: z.string(), checkpoint: z.object({ folder: z.string(), kind: z.enum(['adapter', 'full']) }).nullable(), chat_template: z.string().nullable(), /** What time it is for templates that write the date (strftime_now), in milliseconds since 1970: a run's own creation, so that it renders the same when it is resumed after midnight. Default: now. */ template_time: z.number().optional() });
export type ModelRef = z.infer<typeof modelRef>;

/** Everything that a run needs, with paths resolved. Datasets are version folders (data/). */
export const job = z.object({ recipe, model: modelRef, train_dir: z.string(), eval_dir: z.string().nullable(), /** Another model as the reference policy. */ reference: modelRef.nullish(), /** What may be computed once for several runs is kept below it. */ cache_dir: z.string().nullish(), run_dir: z.string(), /** Checkpoint of this run to continue from. */ resume: z.string().nullable(), threads: z.number(), /** Missing: cpu. */ device: chosenDevice.optional() });
export type Job = z.infer<typeof job>;

export const engineEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), total_steps: z.number(), step: z.number(), rows: z.number(), trainable_parameters: z.number(), setup_seconds: z.number(), planned_bytes: z.number() }),
  /** `seconds`: training time that led to this step, over all attempts, without evaluation and saving. */
  z.object({ type: z.literal('metric'), step: z.number(), epoch: z.number(), tokens: z.number(), seconds: z.number(), seconds_left: z.number().nullable(), values: metricValues }),
  z.object({ type: z.literal('sample'), step: z.number(), index: z.number(), prompt: z.string(), text: z.string(), tokens: z.number(), reason: z.enum(['stop', 'length', 'cancelled']), seed: z.number() }),
  z.object({ type: z.literal('checkpoint'), step: z.number(), path: z.string(), kind: z.enum(['adapter', 'full']), weight_hash: z.string(), bytes: z.number(), metrics: metricValues, removed: z.array(z.string()) }),
  z.object({ type: z.literal('phase'), phase: z.enum(['load', 'setup', 'reference', 'train', 'evaluate', 'save', 'cleanup']) }),
  /** How much of the reference's scores is done, 0 to 1. */
  z.object({ type: z.literal('reference'), share: z.number() }),
  z.object({ type: z.literal('log'), level: z.enum(['info', 'warn', 'error']), text: z.string() }),
  /** The run ended in order: all steps done, or stopped or paused with a checkpoint. */
  z.object({ type: z.literal('done'), outcome: z.enum(['completed', 'stopped', 'paused']), step: z.number(), checkpoint: z.string().nullable(), error: errorShapeSchema.nullable() }),
]);
export type EngineEvent = z.infer<typeof engineEvent>;

/** Where exported weights come from, as their model card says it. Names, hashes and numbers; no path of this machine. */
export const exportLineage = z.object({
  base: z.object({ name: z.string(), /** `owner/name` on a hub, where that is known. */ hub: z.string().nullable(), family: z.string(), parameters: z.number(), license: z.string().nullable(), weight_hash: z.string() }),
  run: z.object({ name: z.string(), method: z.string(), adapter: z.string(), step: z.number(), total_steps: z.number(), epoch: z.number(), tokens: z.number(), seconds: z.number(), metrics: metricValues, recipe: z.string() }).nullable(),
  /** An adapter that came from elsewhere, in words; null: none. */
  imported: z.string().nullable(),
  datasets: z.array(z.object({ role: z.enum(['train', 'eval']), name: z.string(), rows: z.number(), format: z.string(), version: z.string() })),
  weight_hash: z.string(), version: z.string(),
});
export type ExportLineage = z.infer<typeof exportLineage>;
/** `name`: of model files and in the card. `data_dir`: rows whose questions the proof asks. */
export const exportTask = z.object({ model: modelRef, format: exportFormat, type: exportType, max_shard_bytes: z.number().nullable(), system: z.string().nullable(), name: z.string(), data_dir: z.string().nullable(), lineage: exportLineage, threads: z.number() });
export type ExportTask = z.infer<typeof exportTask>;
export const exportEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), phase: z.enum(['plan', 'write', 'prove', 'finish']), /** Of the phase, 0 to 1. */ progress: z.number(), bytes_done: z.number() }),
  z.object({ type: z.literal('done'), files: z.array(exportFile), proof: exportProof, notes: z.array(z.string()), peak_rss: z.object({ write: z.number(), total: z.number() }) }),
]);
export type ExportEvent = z.infer<typeof exportEvent>;

export const engineContract = {
  engine: {
    info: call({ input: z.strictObject({}), output: z.object({ onnxruntime: z.string(), providers: z.array(provider), threads: z.number() }) }),
    /** Tries one device. It may end the process: use an engine of its own. */
    probe: call({ input: z.strictObject({ device: providerId, threads: z.number() }), output: deviceProbe }),
    selfTest: stream({ input: z.strictObject({ device: providerId, threads: z.number() }), item: selfTestStep, policy: 'every' }),
    usage: call({ input: z.strictObject({}), output: z.object({ rss: z.number(), connections: z.number() }) }),
  },
  model: {
    /** Model types that can be used. */
    families: call({ input: z.strictObject({}), output: z.object({ families: z.array(z.string()) }) }),
    /** Makes a model folder out of a GGUF file; `folder` must not exist and appears when it is complete; the first item comes before anything is written, the last has the notes. */
    convert: stream({ input: z.strictObject({ file: z.string(), folder: z.string() }), item: z.object({ progress: z.number(), /** Written in all. */ bytes: z.number(), notes: z.array(z.string()).nullable() }), policy: 'every' }),
    /** Reads headers, tokenizer and template; hashes weights. `folder` may be a GGUF file. */
    inspect: call({ input: z.strictObject({ folder: z.string() }), output: modelPreview }),
    /** What a PEFT adapter folder holds, and whether it fits the model in the folder `model`. */
    adapter: call({ input: z.strictObject({ folder: z.string(), model: z.string().nullable() }), output: adapterFacts }),
    /** Every tensor as it lies in the files. */
    tensors: call({ input: z.strictObject({ folder: z.string() }), output: modelTensors }),
    /** Reads every value once; an item a tensor. */
    norms: stream({ input: z.strictObject({ folder: z.string() }), item: normProgress, policy: 'every' }),
    /** The chat template (the model's own, or the one given) applied to a conversation. */
    render: call({ input: z.strictObject({ folder: z.string(), messages: z.array(z.object({ role: z.string(), content: z.string() })), chat_template: z.string().nullable() }), output: renderedTemplate }),
  },
  recipe: {
    review: stream({ input: job, item: z.object({ progress: z.number(), review: review.nullable() }), policy: 'latest' }),
    row: call({ input: z.strictObject({ job, index: z.number() }), output: maskRow }),
    trial: call({ input: job, output: trial }),
  },
  train: {
    /** Runs to its end or to a stop; errors of the run fail the stream. */
    run: stream({ input: job, item: engineEvent, policy: 'every' }),
    /** After the current step: checkpoint, then end with outcome `paused` or `stopped`. */
    halt: call({ input: z.strictObject({ how: z.enum(['pause', 'stop']) }), output: z.object({ ok: z.literal(true) }) }),
  },
  export: {
    /** What would be written; writes nothing. */
    plan: call({ input: exportTask, output: exportPlan.omit({ free: true, fits: true }) }),
    /** Writes into the folder `temporary`, proves it, and renames it to `out` at the end. Leaving the stream cancels and removes what was written. */
    run: stream({ input: exportTask.extend({ out: z.string(), temporary: z.string() }), item: exportEvent, policy: 'every' }),
  },
  reward: {
    /** Scores every row's answers with a reward model; progress first, then the rows in slices, the last with `done`. `four_bit`: the adapter was trained on a base in this type. `rows`: only the first so many. `judge`: it is a language model that is asked. */
    score: stream({
      input: z.strictObject({ model: modelRef, judge: judgeQuestion.nullable().default(null), four_bit: z.enum(['nf4', 'fp4']).nullable(), dataset_dir: z.string(), rows: z.number().nullable(), max_length: z.number().nullable(), batch: z.number(), threads: z.number() }),
      item: z.object({ progress: z.number(), rows: z.array(scoredRow), left_out: z.number(), done: z.boolean() }), policy: 'every',
    }),
  },
  generate: {
    stream: stream({
      input: z.strictObject({ model: modelRef, messages: z.array(z.object({ role: z.string(), content: z.string() })).nullable(), prompt: z.string().nullable(), sampling, options: generateOptions, threads: z.number(), device: providerId.optional() }),
      item: z.discriminatedUnion('type', [
        z.object(generationStart), generationToken, generationEnd,
      ]), policy: 'every',
    }),
    /** Sums of log-probabilities (nats) of both answers of every pair. */
    pairs: call({ input: z.strictObject({ model: modelRef, dataset_dir: z.string(), max_length: z.number(), threads: z.number() }), output: z.object({ pairs: z.array(z.object({ index: z.number(), chosen: z.number(), rejected: z.number(), chosen_tokens: z.number(), rejected_tokens: z.number() })) }) }),
    /** Greedy answers to every row's prompt (all but the last assistant turn), in row order as they finish; for exact match. */
    answers: stream({ input: z.strictObject({ model: modelRef, dataset_dir: z.string(), max_new_tokens: z.number(), batch: z.number(), threads: z.number() }), item: z.object({ total: z.number(), done: z.number(), answers: z.array(z.object({ index: z.number(), task: z.string(), prompt: z.string(), expected: z.string(), text: z.string() })) }), policy: 'every' }),
  },
} as const;
export type EngineContract = typeof engineContract;

/** Line that the watchdog of an engine writes to its output at each beat; not for logs. Begins with the record separator, which no text has: output is split before it (supervise/spawner.ts). */
export const BEAT_PREFIX = '\u001eanneal-beat ';
export const BEAT_MS = 1000;
/** Milliseconds for which the event loop had been blocked at this beat; null: the line is not a beat. */
export function parseBeat(line: string): number | null {
  const digits = line.startsWith(BEAT_PREFIX) ? line.slice(BEAT_PREFIX.length) : '';
  return /^\d{1,12}$/.test(digits) ? Number(digits) : null;
}
