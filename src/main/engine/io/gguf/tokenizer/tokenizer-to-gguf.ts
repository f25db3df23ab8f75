/** A Hugging Face tokenizer.json as GGUF metadata: byte-level BPE ("gpt2", cut as `tokenizer.ggml.pre` says) or SentencePiece-like BPE ("llama", with scores that give its merges in order).
 * What GGUF's own keys cannot say exactly goes along as the whole tokenizer.json in `tokenizer.huggingface.json`, a key of the format. */

import { isDeepStrictEqual } from 'node:util';
import type { Json, MetadataEntries } from '../architectures/architecture.ts';
import { cannotWrite } from '../gguf-types.ts';
import { PRE_TOKENIZERS, splitsOf } from './pre-tokenizers.ts';
import { tokenizerFromEntries } from './tokenizer-from-gguf.ts';
import { isRecord, componentTypes, contentOf, startingToken } from './tokenizer-json.ts';
import { TOKEN, padding } from './vocabulary.ts';

export interface TokenizerSource { json: Json; config: Json; chatTemplate: string | null; /** Rows of the embedding. */ vocabSize: number }
export interface TokenizerMetadata { entries: MetadataEntries; notes: string[] }

interface Model { vocab: [string, number][]; merges: [string, string][]; json: Json }

/** Throws `gguf-unsupported` for vocabularies that are neither of the two kinds. */
export function tokenizerToGguf(source: TokenizerSource): TokenizerMetadata {
  const model = readModel(source.json);
  const types = [...componentTypes(source.json['decoder']), ...componentTypes(source.json['pre_tokenizer'])];
  const spm = model.json['byte_fallback'] === true || types.includes('Metaspace') || types.includes('ByteFallback');
  if (!spm && !types.includes('ByteLevel')) throw cannotWrite('its tokenizer is neither byte-level nor SentencePiece-like BPE');
  const notes: string[] = [];
  const entries: MetadataEntries = { 'tokenizer.ggml.model': spm ? 'llama' : 'gpt2' };
  const pre = spm ? 'default' : preNameOf(source.json);
  if (pre === null) notes.push('No name of GGUF stands for the way this tokenizer cuts text: Anneal reads it exactly from tokenizer.huggingface.json, other programs will cut some texts differently.');
  entries['tokenizer.ggml.pre'] = pre ?? 'gpt-2';
  Object.assign(entries, listed(source, model, spm), specials(source));
  if (source.chatTemplate !== null) entries['tokenizer.chat_template'] = source.chatTemplate;
  if (pre === null || !sameTokenizer(source.json, tokenizerFromEntries((key) => entries[key]).json)) entries['tokenizer.huggingface.json'] = JSON.stringify(source.json);
  return { entries, notes };
}

function readModel(json: Json): Model {
  const model = json['model'];
  if (!isRecord(model) || !isRecord(model['vocab']) || !Array.isArray(model['merges'])) throw cannotWrite(`its tokenizer is of the kind ${isRecord(model) ? String(model['type']) : 'unknown'}; BPE tokenizers have a form in GGUF`);
  const merges = model['merges'].map((m): [string, string] => {
    if (Array.isArray(m)) return [String(m[0]), String(m[1])];
    const text = String(m), at = text.indexOf(' ', 1);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return { vocab: Object.entries(model['vocab']).filter((e): e is [string, number] => typeof e[1] === 'number'), merges, json: model };
}

function preNameOf(json: Json): string | null {
  const splits = splitsOf(json['pre_tokenizer']);
  if (splits === null) return null;
  const ignoreMerges = isRecord(json['model']) && json['model']['ignore_merges'] === true, nfc = componentTypes(json['normalizer']).includes('NFC');
  const fitting = PRE_TOKENIZERS.filter((p) => isDeepStrictEqual([...p.splits], splits));
  return (fitting.find((p) => (p.ignoreMerges === true) === ignoreMerges && (p.nfc === true) === nfc) ?? fitting[0])?.names[0] ?? null;
}

/** Tokens, types, and merges or scores. */
function listed({ json, vocabSize }: TokenizerSource, { vocab, merges }: Model, spm: boolean): MetadataEntries {
  const size = Math.max(vocabSize, ...vocab.map(([, id]) => id + 1));
  if (size > vocabSize) throw cannotWrite(`its tokenizer has the id ${size - 1}, but its embedding only ${vocabSize} rows`);
  const tokens = Array.from({ length: size }, (_, id) => padding(id));
  const types = Array.from({ length: size }, (): number => TOKEN.unused);
  for (const [text, id] of vocab) { tokens[id] = text; types[id] = spm && /^<0x[0-9A-F]{2}>$/.test(text) ? TOKEN.byte : TOKEN.normal; }
  const unknown = isRecord(json['model']) ? json['model']['unk_token'] : null;
  for (const added of Array.isArray(json['added_tokens']) ? json['added_tokens'] : []) {
    if (!isRecord(added) || typeof added['id'] !== 'number' || typeof added['content'] !== 'string') continue;
    // The embedding may have fewer rows than the tokenizer has added tokens; such a token cannot be used anyway.
    if (added['id'] >= size) continue;
    tokens[added['id']] = added['content'];
    types[added['id']] = spm && added['content'] === unknown ? TOKEN.unknown : added['special'] === true ? TOKEN.control : TOKEN.userDefined;
  }
  const entries: MetadataEntries = { 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': types };
  if (spm) {
    entries['tokenizer.ggml.scores'] = scoresOf(tokens, types, merges);
    entries['tokenizer.ggml.add_space_prefix'] = addsSpace(json);
  } else entries['tokenizer.ggml.merges'] = merges.map(([a, b]) => `${a} ${b}`);
  return entries;
}

/** A token made earlier has the higher score; characters, which no merge makes, come last, as SentencePiece numbers them. */
function scoresOf(tokens: readonly string[], types: readonly number[], merges: readonly [string, string][]): number[] {
  const rank = new Map<string, number>();
  for (const [a, b] of merges) if (!rank.has(a + b)) rank.set(a + b, rank.size);
  let next = rank.size;
  return tokens.map((text, id) => (types[id] === TOKEN.normal ? -(rank.get(text) ?? next++) : types[id] === TOKEN.userDefined ? -1000 : 0));
}

function addsSpace(json: Json): boolean {
  if (componentTypes(json['normalizer']).includes('Prepend')) return true;
  const pre = json['pre_tokenizer'];
  const parts = isRecord(pre) && Array.isArray(pre['pretokenizers']) ? pre['pretokenizers'] : [pre];
  return parts.some((p) => isRecord(p) && p['type'] === 'Metaspace' && p['prepend_scheme'] !== 'never' && p['add_prefix_space'] !== false);
}

const SPECIALS = { bos_token: 'bos_token_id', eos_token: 'eos_token_id', unk_token: 'unknown_token_id', pad_token: 'padding_token_id' } as const;

function specials({ json, config, vocabSize }: TokenizerSource): MetadataEntries {
  const ids = new Map<string, number>();
  const model = json['model'];
  if (isRecord(model) && isRecord(model['vocab'])) for (const [text, id] of Object.entries(model['vocab'])) if (typeof id === 'number') ids.set(text, id);
  for (const added of Array.isArray(json['added_tokens']) ? json['added_tokens'] : []) if (isRecord(added) && typeof added['content'] === 'string' && typeof added['id'] === 'number') ids.set(added['content'], added['id']);
  const entries: MetadataEntries = {};
  for (const [key, name] of Object.entries(SPECIALS)) {
    const id = ids.get(contentOf(config[key]) ?? '');
    if (id !== undefined && id < vocabSize) entries[`tokenizer.ggml.${name}`] = id;
  }
  const bos = contentOf(config['bos_token']), eos = contentOf(config['eos_token']);
  entries['tokenizer.ggml.add_bos_token'] = bos !== null && startingToken(json['post_processor'], 'first') === bos;
  entries['tokenizer.ggml.add_eos_token'] = eos !== null && startingToken(json['post_processor'], 'last') === eos;
  return entries;
}

/** Whether two tokenizer.json give the same ids for the same text. */
function sameTokenizer(a: Json, b: Json): boolean {
  return isDeepStrictEqual(behaviour(a), behaviour(b));
}

function behaviour(json: Json): unknown {
  const { vocab, merges, json: model } = readModel(json);
  const added = (Array.isArray(json['added_tokens']) ? json['added_tokens'] : []).filter(isRecord);
  const contents = new Map(added.map((t) => [t['content'], t]));
  return {
    vocab: vocab.filter(([text]) => !contents.has(text)).toSorted((x, y) => x[1] - y[1]), merges: merges.map(([x, y]) => `${x} ${y}`),
    added: added.map((t) => [t['id'], t['content'], t['special'] === true, t['lstrip'] === true, t['rstrip'] === true, t['single_word'] === true]).toSorted((x, y) => Number(x[0]) - Number(y[0])),
    splits: splitsOf(json['pre_tokenizer']) ?? json['pre_tokenizer'] ?? null, normalizer: json['normalizer'] ?? null,
    ends: [startingToken(json['post_processor'], 'first'), startingToken(json['post_processor'], 'last')], decoder: componentTypes(json['decoder']),
    ignoreMerges: model['ignore_merges'] === true, byteFallback: model['byte_fallback'] === true,
  };
}
