/** One row as the model will see it, token by token, for the loss-mask view. Shape: shared/schema MaskRow. */
import type { CanonicalRow } from '../../../shared/formats.ts';
import type { SftEncoder, SftWarning } from './sft.ts';

/** context: seen, not trained. trained: a loss stands on it. stop: a trained stop token. special: a marker that is not trained. cut: beyond max_length. */
export type TokenKind = 'context' | 'trained' | 'special' | 'stop' | 'cut';
export interface MaskToken { id: number; text: string; kind: TokenKind }
export interface MaskView { index: number; total: number; tokens: MaskToken[]; trained: number; context: number; cut: number; has_stop: boolean; warnings: SftWarning[] }

/** Encodes the row and spells every token. A character that several tokens share is written at the token that completes it; the pieces add up to the row's text. Throws like `SftEncoder.encode`. */
export function maskView(encoder: SftEncoder, row: CanonicalRow, index: number): MaskView {
  const whole = encoder.encodeWhole(row);
  const kept = encoder.encode(row);
  const { tokenizer } = encoder;
  const limit = kept.ids.length;
  const decoder = tokenizer.streamDecoder({ skipSpecial: false });
  const tokens = Array.from(whole.ids, (id, i): MaskToken => {
    const kind = i >= limit ? 'cut' : kept.mask[i] ? (encoder.isStop(id) ? 'stop' : 'trained') : tokenizer.specialIds.has(id) ? 'special' : 'context';
    return { id, text: decoder.push(id), kind };
  });
  const rest = decoder.flush();
  const last = tokens.at(-1);
  if (last) last.text += rest;
  return { index, total: whole.ids.length, tokens, trained: kept.trained, context: limit - kept.trained, cut: whole.ids.length - limit, has_stop: kept.hasStop, warnings: kept.warnings };
}
