/** What the train wizard shows before a start: rows as the model will see them, checks over all rows, what will really run, memory (estimate) and time (measured trial). */
import { z } from 'zod';
import { int8Proof } from '../int8-proof.ts';
import { cardMemory, chosenDevice } from './device.ts';
import { recipe, recipeIssue } from './recipe.ts';

/** context: seen, not trained on. trained: a loss stands on it. special: a marker that is not trained. stop: a trained stop token. cut: beyond max_length. */
export const tokenKind = z.enum(['context', 'trained', 'special', 'stop', 'cut']);
export const maskToken = z.object({ id: z.number(), text: z.string(), kind: tokenKind });
/** One answer of a pair, or the labelled answer, after the prompt that stands in the row's `tokens`. */
export const maskAnswer = z.object({ role: z.enum(['chosen', 'rejected', 'completion']), tokens: z.array(maskToken), trained: z.number(), cut: z.number(), has_stop: z.boolean() });
export type MaskAnswer = z.infer<typeof maskAnswer>;
/** `total`: tokens of the row before it is cut. With `answers`, `tokens` is the prompt that they share, and the counts are of prompt and answers together. */
export const maskRow = z.object({ index: z.number(), total: z.number(), tokens: z.array(maskToken), trained: z.number(), context: z.number(), cut: z.number(), has_stop: z.boolean(), warnings: z.array(z.string()), answers: z.array(maskAnswer).optional(), label: z.boolean().optional() });
export type MaskRow = z.infer<typeof maskRow>;

/** Over all pairs or labelled answers. Lengths are median tokens of an answer; `chosen_longer` is the share of pairs whose better answer has more tokens (ties count half). */
export const preferenceStats = z.object({ pairs: z.number(), desirable: z.number(), undesirable: z.number(), identical: z.number(), too_long: z.number(), chosen_median: z.number(), rejected_median: z.number(), chosen_longer: z.number().nullable() });
export type PreferenceStats = z.infer<typeof preferenceStats>;

export const reviewStats = z.object({
  rows: z.number(), zero_trained: z.number(), truncated: z.number(), without_stop: z.number(), boundary_merges: z.number(),
  tokens: z.number(), trained_tokens: z.number(), median_tokens: z.number(), median_trained: z.number(), longest: z.number(), longest_index: z.number(), /** Indices of the first truncated rows, at most 1,000. */ truncated_rows: z.array(z.number()), /** Rows that training and held-out data share. */ overlap: z.number().nullable(),
  template: z.string(), /** Length histogram: upper bound of each bucket in tokens, and rows in it. */ histogram: z.array(z.object({ upto: z.number(), rows: z.number() })),
  preference: preferenceStats.optional(),
});
export type ReviewStats = z.infer<typeof reviewStats>;

/** A change of the recipe, and the peak that would be planned with it. */
export const remedy = z.object({ text: z.string(), total: z.number(), fits: z.boolean() });
export type Remedy = z.infer<typeof remedy>;

/** What a run needs of a graphics card, estimate in bytes; `budget`: what it may take of it, null where nothing is known of its memory. */
export const cardPlan = z.object({ memory: cardMemory, weights: z.number(), activations: z.number(), values: z.number(), evaluation: z.number(), generation: z.number(), reference: z.number(), total: z.number(), /** The optimiser's state lies there too. */ resident: z.boolean(), budget: z.number().nullable(), fits: z.boolean() });
export type CardPlan = z.infer<typeof cardPlan>;

/** Estimate, in bytes. `available`: free now; `budget`: what the run may take of it. `reasons`: what will happen for the sake of memory, and why, one sentence each. `remedies`: of a plan that does not fit. */
export const memoryPlan = z.object({
  weights: z.number(), prepacked: z.number(), activations: z.number(), gradients: z.number(), optimizer: z.number(), evaluation: z.number(), generation: z.number(), reference: z.number(), runtime: z.number(), total: z.number(),
  available: z.number(), budget: z.number(), fits: z.boolean(), reasons: z.array(z.string()), remedies: z.array(remedy), /** Of a run on a graphics card: the sums above are then of the computer's memory alone. */ card: cardPlan.optional(),
});
export type MemoryPlan = z.infer<typeof memoryPlan>;

export const willRun = z.object({
  total_steps: z.number(), epochs: z.number(), rows: z.number(), packed_rows: z.number(), /** Share of the packed slots that hold a token. */ fill: z.number(), row_length: z.number(), tokens_per_step: z.number(),
  trainable_parameters: z.number(), total_parameters: z.number(), modules: z.array(z.string()), gflop_per_step: z.number(), checkpoint_bytes: z.number(), checkpoints: z.number(), evaluations: z.number(), threads: z.number(), precision: z.string(), device: chosenDevice.optional(),
  /** Set where the frozen layers are computed in int8: what was measured of it for this method and model size; empty when nothing was. */
  int8: z.array(int8Proof).optional(),
  /** How the reference is computed: forward passes over all rows in the whole run, and their cost together (estimate). Missing: the method has no reference. */
  reference: z.object({ how: z.enum(['adapter-off', 'copy', 'model']), precomputed: z.boolean(), passes: z.number(), gflop: z.number() }).optional(),
});
export type WillRun = z.infer<typeof willRun>;

/** Loss of the base on the same rows before training: as it is, and in 4 bit. null: the base as it is does not fit into memory, so nothing was measured. */
export const quantisationLoss = z.object({ type: z.string(), rows: z.number(), loss_float32: z.number().nullable(), loss_4bit: z.number() });
export type QuantisationLoss = z.infer<typeof quantisationLoss>;

export const review = z.object({ recipe, /** Gates: 'stop' refuses the start. */ issues: z.array(recipeIssue.extend({ level: z.enum(['stop', 'warn']), code: z.string() })), stats: reviewStats, plan: memoryPlan, run: willRun, /** Measured, for a base in 4 bit. */ quantisation: quantisationLoss.nullable().optional(), first: maskRow });
export type Review = z.infer<typeof review>;

/** Measured by running a few real steps that are thrown away. */
export const trial = z.object({ step_seconds: z.number(), tokens_per_second: z.number(), peak_rss: z.number(), setup_seconds: z.number(), loss: z.number(), training_seconds: z.number(), evaluation_seconds: z.number(), /** Answers to fixed prompts and their probes, in the whole run. */ answer_seconds: z.number().optional() });
export type Trial = z.infer<typeof trial>;
