/** A question as token ids: a conversation through the chat template, or text as it stands. */
import { AnnealError } from '../../../shared/errors.ts';
import type { CanonicalRow, Message } from '../../../shared/formats.ts';
import { SftEncoder } from '../../data/encode/sft.ts';
import type { ModelText } from './model-text.ts';

export interface PromptIds { text: string; ids: number[]; stopIds: readonly number[] }

export function conversationPrompt(model: ModelText, messages: readonly Message[]): PromptIds {
  if (model.template === null) throw new AnnealError('template-missing', 'The model has no chat template, so it cannot be asked in a conversation: continue plain text instead, or give the run a chat_template.');
  const text = model.template.render(messages, { addGenerationPrompt: true });
  return { text, ids: model.tokenizer.encode(text, { addSpecial: false }), stopIds: stopIdsOf(model) };
}

export function textPrompt(model: ModelText, text: string): PromptIds {
  return { text, ids: model.tokenizer.encode(text), stopIds: stopIdsOf(model) };
}

export const stopIdsOf = (model: ModelText): readonly number[] => new SftEncoder(model.tokenizer, model.template).stopIds;

/** The question of a dataset row and the answer that it expects: all but the last assistant turn, or prompt and completion. */
export function askRow(row: CanonicalRow): { messages: Message[] | null; prompt: string; expected: string; task: string } {
  const task = row.tags?.['task'] ?? (typeof row.meta?.['task'] === 'string' ? row.meta['task'] : '');
  if (row.kind === 'messages') {
    const last = row.messages.findLastIndex((m) => m.role === 'assistant');
    if (last < 1) throw new AnnealError('row-invalid', 'A row has no assistant turn to compare with; choose data of questions and answers.');
    const messages = row.messages.slice(0, last);
    return { messages, prompt: messages.at(-1)?.content ?? '', expected: row.messages[last]?.content ?? '', task };
  }
  if (row.kind === 'text') throw new AnnealError('row-invalid', 'Plain text has no answer to compare with; choose data of questions and answers.');
  const plain = (part: string | readonly Message[]): string => (typeof part === 'string' ? part : part.map((m) => m.content ?? '').join('\n'));
  return { messages: typeof row.prompt === 'string' ? null : [...row.prompt], prompt: plain(row.prompt), expected: plain(row.kind === 'preference' ? row.chosen : row.completion), task };
}
