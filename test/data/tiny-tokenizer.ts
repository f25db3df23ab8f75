/** Tiny tokenizer.json files for tests: byte-level BPE (256 bytes, the given merges, special tokens) and a SentencePiece-like BPE with byte fallback. */
import { BYTE_TO_CHAR } from '../../src/main/data/tokenizer/byte-alphabet.ts';
import type { TokenizerFiles } from '../../src/main/data/tokenizer/files.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';

export interface TinyOptions {
  merges?: readonly string[];
  specials?: readonly string[];
  eos?: string | null;
  bos?: string | null;
  template?: string | null;
  generationEos?: number | number[];
  normalizer?: unknown;
  postProcessor?: unknown;
  preTokenizer?: unknown;
}

export const DEFAULT_MERGES = ['h e', 'l l', 'he ll', 'hell o', 'Ġ w', 'Ġw o', 'r l', 'Ġwo rl', 'Ġworl d', 'a n', 'i n', 'Ġ a', 'e r', 'u s', 'us er'];
export const CHATML_SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];

const added = (contents: readonly string[], from: number): unknown[] =>
  contents.map((content, i) => ({ id: from + i, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }));

/** Splits and then maps to bytes, as Qwen2 and Llama 3 do, with Qwen2's pattern. */
export const SPLIT_THEN_BYTES = {
  type: 'Sequence', pretokenizers: [
    { type: 'Split', pattern: { Regex: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
};

/** Ids: byte b is b (in byte order), then merges in order, then specials. */
export function tinyFiles(options: TinyOptions = {}): TokenizerFiles {
  const merges = options.merges ?? DEFAULT_MERGES;
  const specials = options.specials ?? CHATML_SPECIALS;
  const vocab: Record<string, number> = {};
  BYTE_TO_CHAR.forEach((c, b) => { vocab[c] = b; });
  merges.forEach((m, i) => { vocab[m.replace(' ', '')] = 256 + i; });
  return {
    tokenizer: {
      version: '1.0', truncation: null, padding: null, added_tokens: added(specials, 256 + merges.length), normalizer: options.normalizer ?? null,
      pre_tokenizer: options.preTokenizer ?? { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }, post_processor: options.postProcessor ?? null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, vocab, merges },
    },
    config: {
      eos_token: options.eos === undefined ? '<|im_end|>' : options.eos, bos_token: options.bos ?? null, ...(options.template ? { chat_template: options.template } : {}),
    },
    generation: options.generationEos === undefined ? {} : { eos_token_id: options.generationEos },
    template: null,
  };
}
export const tiny = (options: TinyOptions = {}): Tokenizer => new Tokenizer(tinyFiles(options));

/** A SentencePiece-like tokenizer that knows the given words and falls back to bytes: Llama 2 in small. */
export function llamaLikeFiles(words: readonly string[]): TokenizerFiles {
  const vocab: Record<string, number> = { '<unk>': 0, '<s>': 1, '</s>': 2 };
  for (let b = 0; b < 256; b++) vocab[`<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`] = 3 + b;
  const merges: string[] = [];
  const add = (piece: string): void => { if (!(piece in vocab)) vocab[piece] = Object.keys(vocab).length; };
  for (const word of words) {
    const chars = Array.from(`▁${word}`);
    chars.forEach(add);
    let left = chars[0] ?? '';
    for (const c of chars.slice(1)) { if (!merges.includes(`${left} ${c}`)) merges.push(`${left} ${c}`); left += c; add(left); }
  }
  return {
    tokenizer: {
      version: '1.0', added_tokens: ['<unk>', '<s>', '</s>'].map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false })),
      normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }] }, pre_tokenizer: null,
      post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }], pair: [], special_tokens: {} },
      decoder: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }] },
      model: { type: 'BPE', unk_token: '<unk>', fuse_unk: true, byte_fallback: true, vocab, merges },
    },
    config: { bos_token: '<s>', eos_token: '</s>' }, generation: { eos_token_id: 2 }, template: null,
  };
}
