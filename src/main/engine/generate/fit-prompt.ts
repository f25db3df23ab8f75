/** Prompts that are longer than the model can read: refused, or cut at a side that was chosen. Nothing is cut silently: what is lost is reported. */

import { AnnealError } from '../../../shared/errors.ts';
import type { GenerateOptions } from '../../../shared/schema/generate.ts';

export interface FittedPrompt { ids: readonly number[]; /** Tokens that were left out. */ cut: { side: 'left' | 'right'; tokens: number } | null }

/**
 * Room is left for `maxNewTokens`, or for one token when the prompt is to be refused. A BOS at the front stays when the left side is cut.
 * Throws `bad-request` when the prompt does not fit and may not be cut, or when no prompt would fit beside `maxNewTokens`.
 */
export function fitPrompt(ids: readonly number[], context: number, maxNewTokens: number, truncate: GenerateOptions['truncate'], bos: number | null): FittedPrompt {
  if (truncate === 'refuse') {
    if (ids.length < context) return { ids, cut: null };
    throw new AnnealError('bad-request', `The prompt has ${ids.length} tokens, but this model reads at most ${context}; shorten it, or choose to cut it at the left or the right.`, { tokens: ids.length, context });
  }
  const room = context - maxNewTokens;
  if (ids.length <= room) return { ids, cut: null };
  const front = truncate === 'left' && bos !== null && ids[0] === bos ? [bos] : [];
  if (room <= front.length) throw new AnnealError('bad-request', `${maxNewTokens} new tokens leave no room for a prompt: the model's context has ${context}; ask for fewer.`, { context });
  const kept = truncate === 'left' ? [...front, ...ids.slice(ids.length - (room - front.length))] : ids.slice(0, room);
  return { ids: kept, cut: { side: truncate, tokens: ids.length - kept.length } };
}
