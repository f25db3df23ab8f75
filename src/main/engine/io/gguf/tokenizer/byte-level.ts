/** tokenizer.json of a byte-level BPE vocabulary: tokens in GPT-2's byte alphabet, merges in order, text cut as `tokenizer.ggml.pre` says. */

import { AnnealError } from '../../../../../shared/errors.ts';
import type { Json } from '../architectures/architecture.ts';
import { endsProcessor, addedTokens } from './added-tokens.ts';
import { preTokenizerJson, preTokenizerNamed } from './pre-tokenizers.ts';
import type { ListedVocabulary } from './tokenizer-from-gguf.ts';
import { isPadding } from './vocabulary.ts';

/** Throws `gguf-unsupported` for a way of cutting that is not known (named), `gguf-invalid` for broken merges. */
export function byteLevelTokenizer(listed: ListedVocabulary, preName: string, merges: readonly string[]): Json {
  const pre = preTokenizerNamed(preName);
  if (pre === undefined) throw new AnnealError('gguf-unsupported', `The GGUF file cuts text as "${preName.slice(0, 40)}" does (tokenizer.ggml.pre), which is not known here; get the model as a Hugging Face folder instead.`, { pre: preName.slice(0, 40) });
  const vocab = new Map<string, number>();
  listed.tokens.forEach((text, id) => {
    const type = listed.types[id]!;
    if (!isPadding(text, type) && !vocab.has(text)) vocab.set(text, id);
  });
  const pairs = merges.map((m) => {
    const at = m.indexOf(' ', 1);
    if (at < 0) throw new AnnealError('gguf-invalid', `The merge "${m.slice(0, 40)}" in the GGUF file has no two parts; copy or download the file again.`);
    return [m.slice(0, at), m.slice(at + 1)];
  });
  return {
    version: '1.0', truncation: null, padding: null, added_tokens: addedTokens(listed),
    normalizer: pre.nfc === true ? { type: 'NFC' } : null, pre_tokenizer: preTokenizerJson(pre), post_processor: endsProcessor(listed),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: pre.ignoreMerges === true, vocab: Object.fromEntries(vocab), merges: pairs },
  };
}
