/** Scores of a reward model, and the report card that held-out pairs give it. Statistics: main/eval/reward; what each number means stands beside it. */
import { z } from 'zod';
import { id, time } from './base.ts';

/** One answer as it was scored. `tokens`: prompt and answer as the model read them. */
export const scoredAnswer = z.object({ text: z.string(), tokens: z.number(), /** Of the answer alone. */ answer_tokens: z.number(), score: z.number() });
/** One row: the chosen answer first, then the rejected one; a single answer where the row has one. `rating`: how much better people found the first, where the data say so. */
export const scoredRow = z.object({ index: z.number(), prompt: z.string(), answers: z.array(scoredAnswer).min(1), rating: z.number().nullable() });
export type ScoredRow = z.infer<typeof scoredRow>;

/**
 * A language model as a reward model: it reads the question with the request and the answer in it, and the score is how much more likely it would begin its reply with one word than with the other, in nats: ln P(yes) - ln P(no)
 * (generative reward models: Zhang et al., 2024; Mahan et al., 2024).
 */
export const judgeQuestion = z.strictObject({
  /** {prompt} and {answer} stand for the two. */
  question: z.string().min(1).max(20_000).refine((text) => text.includes('{answer}'), { error: 'The question of a judge must hold {answer}, where the answer is put (and {prompt}, where the request is put).' })
    .default('Here is a request and an answer to it.\n\nRequest:\n{prompt}\n\nAnswer:\n{answer}\n\nIs it a good answer? Reply with Yes or No.'),
  yes: z.string().trim().min(1).max(100).default('Yes'), no: z.string().trim().min(1).max(100).default('No'),
}).refine((j) => j.yes !== j.no, { error: 'The two words of a judge are the same, so every score would be 0; give two different words.' });
export type JudgeQuestion = z.infer<typeof judgeQuestion>;

/** A share k of n with its 95 % Wilson interval; null where nothing was counted. */
export const share = z.object({ k: z.number(), n: z.number(), value: z.number(), low: z.number(), high: z.number() });
export type Share = z.infer<typeof share>;

/** Properties of an answer's form that a reward model may have learned instead of its worth. */
export const FORMAT_TRAITS = ['list', 'heading', 'bold', 'code', 'question', 'exclamation', 'apology'] as const;
export type FormatTrait = (typeof FORMAT_TRAITS)[number];

export const REWARD_REASONS = ['too-few-pairs', 'not-above-chance', 'length-matched-chance', 'length-score', 'length-margin'] as const;
/** `values` fill the sentence of the reason (renderer and command line have their own words). */
export const gateReason = z.object({ reason: z.enum(REWARD_REASONS), values: z.record(z.string(), z.number()), /** The same in English, for logs and errors. */ text: z.string() });
export type GateReason = z.infer<typeof gateReason>;
/** `refuse`: reinforcement learning does not start with this reward model unless the recipe says so explicitly. */
export const gateVerdict = z.object({ verdict: z.enum(['pass', 'refuse']), reasons: z.array(gateReason) });
export type GateVerdict = z.infer<typeof gateVerdict>;

export const rewardReport = z.object({
  pairs: z.number(), /** Pairs that were not scored: too long for the model, or unusable. */ left_out: z.number(),
  /** Chosen above rejected, strictly; a tie is wrong. */ accuracy: share, ties: z.number(),
  margin: z.object({ mean: z.number(), median: z.number(), sd: z.number() }), score: z.object({ mean: z.number(), sd: z.number(), min: z.number(), max: z.number() }),
  /** Margins (chosen minus rejected) in buckets of equal width. */ histogram: z.array(z.object({ from: z.number(), to: z.number(), count: z.number() })),
  /** Pairs in an order drawn by a seed; p = sigmoid(score of the first minus the second) against how often the first was preferred, in ten bins of p. */
  calibration: z.object({ bins: z.array(z.object({ from: z.number(), to: z.number(), n: z.number(), predicted: z.number(), observed: z.number() })), /** Expected calibration error: mean distance, weighted by n. */ ece: z.number() }),
  length: z.object({
    /** Score of an answer against its length in tokens, over all answers; null: one of them does not vary. */ score_pearson: z.number().nullable(), score_spearman: z.number().nullable(),
    /** Margin against difference of lengths, over pairs. */ margin_pearson: z.number().nullable(), margin_spearman: z.number().nullable(),
    /** Pairs whose lengths differ by 10 % of the longer at most. */ matched: share.nullable(),
    /** Pairs in which the longer answer was chosen. */ longer_chosen: share.nullable(), /** Pairs in which it has the higher score. */ longer_wins: share.nullable(),
  }),
  /** Pairs of which exactly one answer has the trait: how often that one was chosen, has the higher score, and how often the model is right. */
  format: z.array(z.object({ trait: z.enum(FORMAT_TRAITS), pairs: z.number(), chosen_has: share, wins: share, accuracy: share })),
  /** Where the data rate how much better one answer is. */
  ratings: z.object({ pairs: z.number(), /** Margin against rating. */ spearman: z.number().nullable(), pearson: z.number().nullable(), /** The model prefers what the rating prefers (ratings of 0 left out). */ agreement: share.nullable() }).nullable(),
  /** Pairs with the largest wrong margins. */
  worst: z.array(z.object({ index: z.number(), prompt: z.string(), chosen: z.string(), rejected: z.string(), chosen_score: z.number(), rejected_score: z.number(), chosen_tokens: z.number(), rejected_tokens: z.number() })),
  gate: gateVerdict,
});
export type RewardReport = z.infer<typeof rewardReport>;

/** A report card as it is kept with a run: of which checkpoint, on which data. */
export const rewardCard = z.object({ id, run_id: z.string(), step: z.number(), dataset_id: z.string(), dataset_name: z.string(), created_at: time, seconds: z.number(), report: rewardReport });
export type RewardCard = z.infer<typeof rewardCard>;
