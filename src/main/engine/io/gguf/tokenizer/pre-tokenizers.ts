/** Names that GGUF gives to ways of cutting text before byte-level BPE (`tokenizer.ggml.pre`), with the regular expressions of the tokenizers they stand for. */

import type { Json } from '../architectures/architecture.ts';

/** One way of cutting: `splits` are applied in turn, each isolating its matches. `nfc`: text is composed first. `ignoreMerges`: a whole piece that is a token is taken as it is. */
export interface PreTokenizer { names: readonly string[]; splits: readonly string[]; nfc?: boolean; ignoreMerges?: boolean }

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const wordwise = (numbers: string): string => String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const cased = (ending: string, numbers: string): string => String.raw`[^\r\n\p{L}\p{N}]?${upper}*${lower}+${ending}|[^\r\n\p{L}\p{N}]?${upper}+${lower}*${ending}|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/** The first name is the one to write. */
export const PRE_TOKENIZERS: readonly PreTokenizer[] = [
  { names: ['gpt-2', 'phi-2', 'olmo', 'jina-es', 'jina-de', 'jina-v1-en', 'jina-v2-es', 'jina-v2-de', 'jina-v2-code', 'gigachat', 'roberta-bpe', 'granite-docling'], splits: [GPT2] },
  { names: ['mpt'], splits: [GPT2], nfc: true },
  { names: ['llama-bpe', 'llama3', 'llama-v3', 'lfm2', 'falcon3', 'falcon-h1', 'pixtral', 'midm-2.0'], splits: [wordwise(String.raw`\p{N}{1,3}`)], ignoreMerges: true },
  { names: ['smaug-bpe', 'dbrx'], splits: [wordwise(String.raw`\p{N}{1,3}`)] },
  { names: ['qwen2', 'deepseek-r1-qwen', 'megrez'], splits: [wordwise(String.raw`\p{N}`)], nfc: true },
  { names: ['stablelm2', 'hunyuan'], splits: [wordwise(String.raw`\p{N}`)] },
  { names: ['smollm', 'starcoder', 'refact', 'command-r', 'codeshell', 'exaone', 'minerva-7b', 'granite-4.0'], splits: [String.raw`\p{N}`, GPT2] },
  { names: ['tekken'], splits: [cased('', String.raw`\p{N}`)], ignoreMerges: true },
  { names: ['gpt-4o', 'llama4'], splits: [cased(String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)?`, String.raw`\p{N}{1,3}`)] },
  // Files older than the key: llama.cpp cuts punctuation, then words, then numbers into threes.
  { names: ['default'], splits: [String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, String.raw`\p{N}+`, '[0-9][0-9][0-9]'] },
];

export const preTokenizerNamed = (name: string): PreTokenizer | undefined => PRE_TOKENIZERS.find((p) => p.names.includes(name));

/** The component of tokenizer.json. */
export function preTokenizerJson(pre: PreTokenizer): Json {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  return { type: 'Sequence', pretokenizers: [...pre.splits.map((regex) => ({ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false })), bytes] };
}

/** What a pre-tokenizer of tokenizer.json does, in one spelling: the regular expressions that it isolates, in order; null where it does something else. */
export function splitsOf(component: unknown): string[] | null {
  const c = component as Json | null;
  switch (c?.['type']) {
    case 'Sequence': {
      const parts = (Array.isArray(c['pretokenizers']) ? c['pretokenizers'] : []).map(splitsOf);
      return parts.every((p) => p !== null) ? parts.flat() : null;
    }
    case 'Split': {
      const regex = (c['pattern'] as Json | undefined)?.['Regex'];
      return typeof regex === 'string' && c['behavior'] === 'Isolated' && c['invert'] !== true ? [regex] : null;
    }
    case 'Digits': return c['individual_digits'] === true ? [String.raw`\p{N}`] : null;
    case 'ByteLevel': return c['add_prefix_space'] === true ? null : c['use_regex'] === false ? [] : [GPT2];
    default: return null;
  }
}
