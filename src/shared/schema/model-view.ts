/** What a model's page asks for beyond its card: every tensor, measured norms of them, and the chat template applied to a conversation. */
import { z } from 'zod';

/** One tensor as it lies in the file. `layer` is the decoder layer that it belongs to; null before and after the layers. */
export const modelTensor = z.object({ name: z.string(), shape: z.array(z.number()), dtype: z.string(), parameters: z.number(), bytes: z.number(), layer: z.number().nullable(), place: z.enum(['before', 'layer', 'after']) });
export type ModelTensor = z.infer<typeof modelTensor>;
/** In reading order: embeddings, layers, what follows them. */
export const modelTensors = z.object({ tensors: z.array(modelTensor), parameters: z.number(), bytes: z.number() });
export type ModelTensors = z.infer<typeof modelTensors>;

/** Measured over all values in float64: Euclidean norm, root of the mean square, largest size, and how many values are not finite (they count in none of the others). */
export const tensorNorm = z.object({ name: z.string(), l2: z.number(), rms: z.number(), max_abs: z.number(), not_finite: z.number() });
export type TensorNorm = z.infer<typeof tensorNorm>;
/** `skipped`: tensors of this step whose values could not be read as numbers, with the reason. */
export const normProgress = z.object({ done: z.number(), total: z.number(), norms: z.array(tensorNorm), skipped: z.array(z.object({ name: z.string(), reason: z.string() })) });
export type NormProgress = z.infer<typeof normProgress>;

export const templateMessage = z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().max(20_000) });
/** special: spells a special token. assistant: what the assistant wrote, which is what training on answers would learn. */
export const renderedPiece = z.object({ text: z.string(), kind: z.enum(['text', 'special', 'assistant']) });
export type RenderedPiece = z.infer<typeof renderedPiece>;
/** `spans`: how the assistant's text was told apart; null when the template does not let it. */
export const renderedTemplate = z.object({ pieces: z.array(renderedPiece), tokens: z.number(), spans: z.enum(['markers', 'prefix']).nullable() });
export type RenderedTemplate = z.infer<typeof renderedTemplate>;
