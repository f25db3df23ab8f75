/** tokenizer.json of a SentencePiece vocabulary with scores: as BPE whose merges are every split of a token into two tokens, ordered by the score of the whole, as Hugging Face's converters write them. */

import { AnnealError } from '../../../../../shared/errors.ts';
import type { Json } from '../architectures/architecture.ts';
import { addedTokens, endsProcessor } from './added-tokens.ts';
import type { ListedVocabulary } from './tokenizer-from-gguf.ts';
import { TOKEN, isPadding } from './vocabulary.ts';

const SPACE = '\u2581';
/** Every split of every token is tried. SentencePiece's own limit is 16 characters unless told otherwise. */
const MAX_TOKEN = 256;

export function sentencePieceTokenizer(listed: ListedVocabulary, scores: readonly number[], addSpace: boolean): Json {
  const { tokens, types } = listed;
  if (scores.length !== tokens.length) throw new AnnealError('gguf-invalid', `The tokenizer in the GGUF file has ${tokens.length} tokens but ${scores.length} scores; copy or download the file again.`);
  if (tokens.some((t, id) => types[id] === TOKEN.normal && t.length > MAX_TOKEN)) throw new AnnealError('gguf-invalid', `The tokenizer in the GGUF file has a token of more than ${MAX_TOKEN} characters; copy or download the file again.`);
  const vocab = new Map<string, number>();
  tokens.forEach((text, id) => { if (!isPadding(text, types[id]!) && !vocab.has(text)) vocab.set(text, id); });
  const unknown = tokens.find((_, id) => types[id] === TOKEN.unknown) ?? listed.unknown;
  const bytes = types.includes(TOKEN.byte);
  const strip = addSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : [];
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: SPACE };
  return {
    version: '1.0', truncation: null, padding: null, added_tokens: addedTokens(listed),
    normalizer: addSpace ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: SPACE }, replace] } : replace, pre_tokenizer: null, post_processor: endsProcessor(listed),
    decoder: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: SPACE }, content: ' ' }, ...(bytes ? [{ type: 'ByteFallback' }] : []), { type: 'Fuse' }, ...strip] },
    model: { type: 'BPE', dropout: null, unk_token: unknown ?? null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: bytes, ignore_merges: false, vocab: Object.fromEntries(vocab), merges: scoredMerges(vocab, types, scores) },
  };
}

/** All splits of normal tokens into normal tokens (the others are cut out of a text before); higher score first, then longer left part, then longer right part; among equals in order of the vocabulary. */
export function scoredMerges(vocab: ReadonlyMap<string, number>, types: readonly number[], scores: readonly number[]): [string, string][] {
  interface Split { left: string; right: string; score: number; leftId: number; rightId: number; leftLength: number; rightLength: number }
  const usable = (id: number | undefined): id is number => id !== undefined && types[id] === TOKEN.normal;
  const splits: Split[] = [];
  for (const [text, id] of vocab) {
    if (!usable(id)) continue;
    const characters = Array.from(text); // code points, as SentencePiece counts
    const own: Split[] = [];
    let left = '';
    for (let i = 1; i < characters.length; i++) {
      left += characters[i - 1]!;
      const leftId = vocab.get(left);
      if (!usable(leftId)) continue;
      const right = text.slice(left.length), rightId = vocab.get(right);
      if (usable(rightId)) own.push({ left, right, score: scores[id]!, leftId, rightId, leftLength: i, rightLength: characters.length - i });
    }
    splits.push(...own.toSorted((a, b) => a.leftId - b.leftId || a.rightId - b.rightId));
  }
  return splits.toSorted((a, b) => b.score - a.score || b.leftLength - a.leftLength || b.rightLength - a.rightLength).map((s) => [s.left, s.right]);
}
