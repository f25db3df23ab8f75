/** The tokenizer in GGUF metadata as tokenizer.json and tokenizer_config.json. */

import type { Json } from '../architectures/architecture.ts';
import { AnnealError } from '../../../../../shared/errors.ts';
import type { GgufValue } from '../gguf-types.ts';
import { byteLevelTokenizer } from './byte-level.ts';
import { sentencePieceTokenizer } from './sentence-piece.ts';
import { isRecord } from './tokenizer-json.ts';
import { isPadding } from './vocabulary.ts';

export interface GgufTokenizer { json: Json; config: Json; /** Ids that end an answer, where the file names any. */ stopIds: number[]; notes: string[] }
/** What the two kinds of vocabulary are made from. */
export interface ListedVocabulary { tokens: readonly string[]; types: readonly number[]; bos: string | null; eos: string | null; unknown: string | null; addBos: boolean; addEos: boolean }
export type Entry = (key: string) => GgufValue | null | undefined;

const invalid = (problem: string): AnnealError => new AnnealError('gguf-invalid', `The tokenizer in the GGUF file cannot be used: ${problem}.`);

/** Throws `gguf-invalid` for lists that do not fit together, `gguf-unsupported` for a kind that is not known (named). */
export function tokenizerFromEntries(entry: Entry): GgufTokenizer {
  const kind = entry('tokenizer.ggml.model');
  if (kind !== 'gpt2' && kind !== 'llama') throw new AnnealError('gguf-unsupported', `The tokenizer in the GGUF file is of the kind ${JSON.stringify(kind ?? null).slice(0, 40)}; "gpt2" (byte-level BPE) and "llama" (SentencePiece) are supported.`, { type: String(kind).slice(0, 40) });
  const tokens = texts(entry, 'tokens') ?? [];
  if (tokens.length === 0) throw invalid('it has no tokens');
  const types = numbers(entry, 'token_type') ?? tokens.map(() => 1);
  if (types.length !== tokens.length) throw invalid(`it has ${tokens.length} tokens but ${types.length} token types`);
  const named = (name: string): { id: number; text: string } | null => {
    const id = entry(`tokenizer.ggml.${name}`);
    if (id === undefined || id === null) return null;
    const text = typeof id === 'number' ? tokens[id] : undefined;
    // Some files say 0xffffffff, or an id past the end, for "none".
    return text === undefined || typeof id !== 'number' ? null : { id, text };
  };
  const flag = (name: string, fallback: boolean): boolean => { const v = entry(`tokenizer.ggml.${name}`); return typeof v === 'boolean' ? v : fallback; };
  const bos = named('bos_token_id'), eos = named('eos_token_id'), unknown = named('unknown_token_id'), pad = named('padding_token_id'), turn = named('eot_token_id');
  const pre = entry('tokenizer.ggml.pre');
  const addBos = flag('add_bos_token', kind === 'llama' || pre === 'llama-bpe' || pre === 'llama3' || pre === 'lfm2' || pre === 'tekken') && bos !== null;
  const listed: ListedVocabulary = { tokens, types, bos: bos?.text ?? null, eos: eos?.text ?? null, unknown: unknown?.text ?? null, addBos, addEos: flag('add_eos_token', false) && eos !== null };
  const whole = wholeJson(entry, tokens, types);
  const json = whole ?? (kind === 'gpt2' ? byteLevelTokenizer(listed, typeof pre === 'string' ? pre : 'default', texts(entry, 'merges') ?? []) : sentencePieceTokenizer(listed, numbers(entry, 'scores') ?? [], flag('add_space_prefix', true)));
  const template = entry('tokenizer.chat_template');
  const config: Json = {
    tokenizer_class: 'PreTrainedTokenizerFast', clean_up_tokenization_spaces: false, add_bos_token: addBos, add_eos_token: listed.addEos,
    bos_token: bos?.text ?? null, eos_token: eos?.text ?? null, unk_token: unknown?.text ?? null, pad_token: pad?.text ?? null,
    ...(typeof template === 'string' ? { chat_template: template } : {}),
  };
  const stops = [eos, turn].flatMap((t) => (t === null ? [] : [t.id]));
  return { json, config, stopIds: [...new Set(stops)], notes: kind === 'gpt2' && pre === undefined && whole === null ? ['The file does not say how its tokenizer cuts text (tokenizer.ggml.pre); llama.cpp\'s default is used.'] : [] };
}

/** `tokenizer.huggingface.json`, where it is there and agrees with the listed tokens. */
function wholeJson(entry: Entry, tokens: readonly string[], types: readonly number[]): Json | null {
  const text = entry('tokenizer.huggingface.json');
  if (typeof text !== 'string') return null;
  let json: unknown;
  try { json = JSON.parse(text); } catch { return null; }
  if (!isRecord(json) || !isRecord(json['model']) || !isRecord(json['model']['vocab'])) return null;
  const ids = new Map(Object.entries(json['model']['vocab']).map(([t, id]) => [id, t]));
  for (const added of Array.isArray(json['added_tokens']) ? json['added_tokens'] : []) if (isRecord(added)) ids.set(added['id'], String(added['content']));
  return tokens.every((t, id) => isPadding(t, types[id]!) || ids.get(id) === t) ? json : null;
}

function list(entry: Entry, name: string): readonly (string | number | boolean)[] | null {
  const v = entry(`tokenizer.ggml.${name}`);
  if (v === undefined || v === null) return null;
  if (!Array.isArray(v)) throw invalid(`"tokenizer.ggml.${name}" is not a list`);
  return v;
}
function texts(entry: Entry, name: string): readonly string[] | null {
  const v = list(entry, name);
  if (v === null) return null;
  if (!v.every((x): x is string => typeof x === 'string')) throw invalid(`"tokenizer.ggml.${name}" holds something else than texts`);
  return v;
}
function numbers(entry: Entry, name: string): readonly number[] | null {
  const v = list(entry, name);
  if (v === null) return null;
  if (!v.every((x): x is number => typeof x === 'number')) throw invalid(`"tokenizer.ggml.${name}" holds something else than numbers`);
  return v;
}
