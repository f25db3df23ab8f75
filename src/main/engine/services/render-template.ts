/** The chat template applied to a conversation, cut into pieces: special tokens, what the assistant wrote, and the rest. Text that spells a special token is one: tokenizers cut those out before anything else. */
import { AnnealError } from '../../../shared/errors.ts';
import type { Message } from '../../../shared/formats.ts';
import type { RenderedPiece, RenderedTemplate } from '../../../shared/schema/model-view.ts';
import type { ChatTemplate, MaskedRender, Span } from '../../data/templates/chat-template.ts';
import { openModelText } from './model-text.ts';

/** Throws `template-missing`, `template-invalid`, `row-invalid` (the template refuses the conversation). */
export async function renderTemplate(folder: string, messages: readonly Message[], chosen: string | null): Promise<RenderedTemplate> {
  const { tokenizer, template } = await openModelText({ folder, checkpoint: null, chat_template: chosen });
  if (template === null) throw new AnnealError('template-missing', 'The model has no chat template: conversations need one, for example chatml, chosen in the recipe.');
  const { text, spans, method } = masked(template, messages);
  return { pieces: piecesOf(text, spans, tokenizer.specialContents()), tokens: tokenizer.encode(text, { addSpecial: false }).length, spans: method };
}

/** Some templates do not tell which tokens are the assistant's; the text itself can still be shown. */
function masked(template: ChatTemplate, messages: readonly Message[]): Omit<MaskedRender, 'method'> & { method: MaskedRender['method'] | null } {
  try { return template.renderMasked(messages); } catch { return { text: template.render(messages), spans: [], method: null }; }
}

export function piecesOf(text: string, spans: readonly Span[], special: readonly string[]): RenderedPiece[] {
  const out: RenderedPiece[] = [];
  const push = (from: number, to: number, kind: RenderedPiece['kind']): void => {
    if (to <= from) return;
    const last = out.at(-1);
    if (last?.kind === kind && kind !== 'special') last.text += text.slice(from, to);
    else out.push({ text: text.slice(from, to), kind });
  };
  /** Ordinary text between two special tokens, parted where an assistant span begins or ends. */
  const plain = (from: number, to: number): void => {
    let at = from;
    for (const [a, b] of spans) {
      if (b <= at || a >= to) continue;
      push(at, Math.max(at, a), 'text');
      push(Math.max(at, a), Math.min(b, to), 'assistant');
      at = Math.max(at, Math.min(b, to));
    }
    push(at, to, 'text');
  };
  const pattern = special.length === 0 ? null : new RegExp(special.toSorted((a, b) => b.length - a.length).map((s) => s.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|'), 'gu');
  let from = 0;
  for (const match of pattern === null ? [] : text.matchAll(pattern)) {
    plain(from, match.index);
    push(match.index, match.index + match[0].length, 'special');
    from = match.index + match[0].length;
  }
  plain(from, text.length);
  return out;
}
