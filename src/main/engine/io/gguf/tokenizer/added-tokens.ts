/** Parts of tokenizer.json that both kinds of vocabulary have: added tokens, and the tokens put around a text. */

import type { Json } from '../architectures/architecture.ts';
import type { ListedVocabulary } from './tokenizer-from-gguf.ts';
import { TOKEN } from './vocabulary.ts';

/** Control tokens (and the unknown token) are special; tokens that a user defined are cut out of texts but shown. */
export function addedTokens({ tokens, types }: ListedVocabulary): Json[] {
  return tokens.flatMap((content, id) => {
    const type = types[id];
    if (type !== TOKEN.control && type !== TOKEN.unknown && type !== TOKEN.userDefined) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: type !== TOKEN.userDefined }];
  });
}

export function endsProcessor({ tokens, bos, eos, addBos, addEos }: ListedVocabulary): Json | null {
  const first = addBos && bos !== null ? [bos] : [], last = addEos && eos !== null ? [eos] : [];
  const used = [...new Set([...first, ...last])];
  if (used.length === 0) return null;
  const piece = (id: string, type: number): Json => ({ SpecialToken: { id, type_id: type } });
  const around = (sequence: 'A' | 'B', type: number): Json[] => [...first.map((t) => piece(t, type)), { Sequence: { id: sequence, type_id: type } }, ...last.map((t) => piece(t, type))];
  const special = Object.fromEntries(used.map((t) => [t, { id: t, ids: [tokens.indexOf(t)], tokens: [t] }]));
  return { type: 'TemplateProcessing', single: around('A', 0), pair: [...around('A', 0), ...around('B', 1)], special_tokens: special };
}
