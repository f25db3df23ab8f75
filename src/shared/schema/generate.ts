/** How an answer is made, besides the sampling: where it ends, what it may consist of, what is reported with it, in which precision. One schema for the window, the command line and the engine. */
import { z } from 'zod';

/** What the text must be, from its first to its last character. Unsupported schema keywords and constructs of regular expressions are refused by name before anything is generated. */
export const grammarSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('json_schema'), schema: z.union([z.boolean(), z.record(z.string(), z.unknown())]) }),
  z.strictObject({ kind: z.literal('regex'), pattern: z.string().min(1).max(10_000) }),
]);
export type GrammarSpec = z.infer<typeof grammarSpec>;

/** What to do with a prompt that does not fit: refuse it, drop tokens from its start (a BOS stays) or from its end. */
export const TRUNCATIONS = ['refuse', 'left', 'right'] as const;
/** Frozen linear weights while generating. Only fp32 gives the model's own numbers; the others are measured approximations. */
export const WEIGHT_FORMATS = ['fp32', 'int8', 'int4'] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

export const generateOptions = z.strictObject({
  /** The answer ends before the first of these texts; they are not part of it. */
  stop: z.array(z.string().min(1).max(200)).max(16).default([]),
  truncate: z.enum(TRUNCATIONS).default('refuse'),
  /** Likeliest tokens to report at each place, besides the one taken. */
  top_logprobs: z.number().int().min(0).max(20).default(0),
  grammar: grammarSpec.nullable().default(null),
  weights: z.enum(WEIGHT_FORMATS).default('fp32'),
});
export type GenerateOptions = z.infer<typeof generateOptions>;

/** Why an answer ended: a token that ends turns, a stop string, a grammar that allows nothing more, the wished number of tokens, the model's context, or a person. */
export const END_CAUSES = ['eos', 'stop_string', 'grammar', 'max_tokens', 'context', 'cancelled'] as const;

const cut = z.object({ side: z.enum(['left', 'right']), tokens: z.number() });
const ranked = z.object({ id: z.number(), text: z.string(), logprob: z.number() });

/** Fields of a generation's first item, shared by the face and the engine. `cut`: what a too long prompt lost. */
export const generationStart = { type: z.literal('start'), weight_hash: z.string(), prompt_tokens: z.number(), template: z.string(), prompt_text: z.string(), cut: cut.nullable() };
/** `text` may lag behind: a started character or stop string is held back. `id` is -1 for the rest that comes out at the end. Log-probabilities are of the model as it is: temperature 1, no filter, no grammar. */
export const generationToken = z.object({ type: z.literal('token'), text: z.string(), id: z.number(), logprob: z.number(), /** Likeliest first; only when asked for. */ top: z.array(ranked).optional() });
/** `reason` is the short form of `cause`. `complete`: with a grammar, whether the text is a whole sentence of it; null without one. */
export const generationEnd = z.object({
  type: z.literal('end'), reason: z.enum(['stop', 'length', 'cancelled']), cause: z.enum(END_CAUSES), stop_string: z.string().nullable(), complete: z.boolean().nullable(),
  tokens: z.number(), tokens_per_second: z.number(), mean_logprob: z.number(),
});
