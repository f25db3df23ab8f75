/** Which tokens end a turn: the eos ids of the model, and the token that its chat template writes after an assistant turn (base models often have another eos). Generation must stop at the same ids. */
import { ChatTemplate } from '../templates/chat-template.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

const PROBE = 'anneal';

/** The special token that the template writes right after an assistant's text, or null. */
export function endOfTurn(tokenizer: Tokenizer, template: ChatTemplate): number | null {
  let text: string;
  try { text = template.render([{ role: 'user', content: 'a' }, { role: 'assistant', content: PROBE }]); } catch { return null; }
  const at = text.lastIndexOf(PROBE);
  if (at < 0) return null;
  const first = tokenizer.encode(text.slice(at + PROBE.length), { addSpecial: false })[0];
  return first !== undefined && (tokenizer.isAdded(first) || tokenizer.specialIds.has(first)) ? first : null;
}

/** All ids that end an answer. Empty when neither the tokenizer nor the template names one. */
export function stopIds(tokenizer: Tokenizer, template: ChatTemplate | null): number[] {
  const turn = template ? endOfTurn(tokenizer, template) : null;
  return [...new Set([...tokenizer.stopIds, ...(turn === null ? [] : [turn])])];
}
