// Trains the demo model's byte-level BPE on the first part of its corpus and writes the Hugging Face tokenizer files.
// Run: node scripts/demo/train-bpe.ts. Deterministic: the same corpus seed gives the same bytes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chatTemplate, specialTokens } from './bpe/chat-template.ts';
import { countWords, splitPattern, trainBpe } from './bpe/train.ts';
import { documents } from './make-corpus.ts';

export const vocabularySize = 3072;
/** Characters of corpus the merges are learned on: word counts settle long before this. */
const trainingCharacters = 8_000_000;
export const modelFolder = fileURLToPath(new URL('../../resources/demo/model/', import.meta.url));
export const maxPositions = 512;

/** The tokenizer files by name, as they are written. */
export function makeTokenizerFiles(): Map<string, string> {
  const counts = new Map<string, number>();
  for (const { text } of documents(trainingCharacters)) countWords([text], counts);
  const { symbols, merges } = trainBpe(counts, vocabularySize - 256 - specialTokens.length);
  const vocabulary: Record<string, number> = {};
  for (const token of [...specialTokens, ...symbols]) vocabulary[token] = Object.keys(vocabulary).length;
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: splitPattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab: vocabulary, merges },
  };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: false,
    add_eos_token: false,
    bos_token: null,
    eos_token: '<|im_end|>',
    pad_token: '<|pad|>',
    unk_token: null,
    additional_special_tokens: ['<|endoftext|>', '<|im_start|>'],
    added_tokens_decoder: Object.fromEntries(
      specialTokens.map((content, id) => [String(id), { content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }]),
    ),
    model_max_length: maxPositions,
    clean_up_tokenization_spaces: false,
    chat_template: chatTemplate,
  };
  const special = { eos_token: '<|im_end|>', pad_token: '<|pad|>', additional_special_tokens: ['<|endoftext|>', '<|im_start|>'] };
  const generation = { eos_token_id: [2, 0], pad_token_id: 3, do_sample: false, max_new_tokens: 48 };
  const print = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
  return new Map([
    ['tokenizer.json', `${JSON.stringify(tokenizer)}\n`],
    ['tokenizer_config.json', print(config)],
    ['special_tokens_map.json', print(special)],
    ['generation_config.json', print(generation)],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(modelFolder, { recursive: true });
  for (const [name, text] of makeTokenizerFiles()) {
    writeFileSync(modelFolder + name, text);
    console.log(`${name} ${Buffer.byteLength(text)} bytes`);
  }
}
