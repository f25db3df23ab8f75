/** Dataset formats and row kinds, and the canonical row that every format is read into. Fields that a format does not know are kept in `meta`, so that nothing is lost on the way in or out. */
import { z } from 'zod';

export const FORMAT_IDS = ['messages', 'prompt-completion', 'alpaca', 'sharegpt', 'text', 'preference', 'unpaired-preference'] as const;
export type FormatId = (typeof FORMAT_IDS)[number];
export const DATASET_KINDS = ['messages', 'prompt-completion', 'text', 'preference', 'unpaired-preference'] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];
export const FILE_KINDS = ['jsonl', 'json', 'csv', 'txt'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** One turn. Unknown keys (name, weight, ...) are kept. `content` is null only beside tool calls. */
export const message = z.looseObject({
  role: z.string().min(1).max(64),
  content: z.string().nullable(),
  tool_calls: z.array(z.unknown()).optional(),
  tool_call_id: z.string().optional(),
});
export type Message = z.infer<typeof message>;
export const conversation = z.array(message).min(1).max(10_000);

/** Text, or turns; a prompt may have no turns (answers whose first turns differ). */
const textOrTurns = z.union([z.string(), conversation]);
const promptSide = z.union([z.string(), z.array(message).max(10_000)]);

const common = {
  id: z.string().optional(),
  /** Function definitions, as the chat template wants them. */
  tools: z.array(z.unknown()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  source: z.string().optional(),
  /** Fields of the source record that no canonical field holds. */
  meta: z.record(z.string(), z.unknown()).optional(),
};
export const canonicalRow = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('messages'), messages: conversation, ...common }),
  z.strictObject({ kind: z.literal('prompt-completion'), prompt: z.union([z.string(), conversation]), completion: z.union([z.string(), conversation]), ...common }),
  z.strictObject({ kind: z.literal('text'), text: z.string(), ...common }),
  /** Two answers to one prompt. All sides are text or all are turns. `margin`: by how much the chosen one is better, on the scale of a reward. */
  z.strictObject({ kind: z.literal('preference'), prompt: promptSide, chosen: textOrTurns, rejected: textOrTurns, margin: z.number().optional(), ...common }),
  /** One answer that was judged: true is thumbs up. */
  z.strictObject({ kind: z.literal('unpaired-preference'), prompt: promptSide, completion: textOrTurns, label: z.boolean(), ...common }),
]);
export type CanonicalRow = z.infer<typeof canonicalRow>;
export type MessagesRow = Extract<CanonicalRow, { kind: 'messages' }>;
export type PromptCompletionRow = Extract<CanonicalRow, { kind: 'prompt-completion' }>;
export type PreferenceRow = Extract<CanonicalRow, { kind: 'preference' }>;
export type UnpairedPreferenceRow = Extract<CanonicalRow, { kind: 'unpaired-preference' }>;
export type TextRow = Extract<CanonicalRow, { kind: 'text' }>;

/** A record that could not become a row. `line` counts from 1 in the source file. */
export interface BadRow { line: number; code: 'dataset-syntax' | 'row-invalid'; message: string }
