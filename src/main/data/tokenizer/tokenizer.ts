/**
 * A Hugging Face tokenizer (tokenizer.json, see pipeline/), with what training needs on top: character offsets, bytes of single tokens, streaming decode, stop ids.
 * Limits: offsets exist for byte-level and SentencePiece-like vocabularies and their usual Unicode normalisers; elsewhere `offsets` is null and callers say so.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { alphabetToBytes } from './byte-alphabet.ts';
import { isObject, readTokenizerFiles, templateOf, type JsonObject, type TokenizerFiles } from './files.ts';
import { offsetsThroughNormaliser, walkOffsets, type Offsets } from './offsets.ts';
import { samplingDefaults, type SamplingDefaults } from './generation-config.ts';
import { lowerCase, typesOf } from './pipeline/component.ts';
import { contentOf, Pipeline } from './pipeline/pipeline.ts';
import { StreamDecoder } from './stream-decoder.ts';

/** How vocabulary entries spell text: bytes in GPT-2's alphabet; `▁` for a space with <0xNN> for single bytes; `##` before continuations; as they stand. */
export type Spelling = 'byte-level' | 'sentencepiece' | 'wordpiece' | 'plain';
export interface SpecialToken { id: number; content: string }
export interface EncodeOptions {
  /** Let the tokenizer add its own BOS or EOS. Default true; false for text from a chat template, which already holds them. */
  addSpecial?: boolean;
}
export interface Encoding { ids: number[] }

const utf8 = new TextEncoder();

function spellingOf(json: JsonObject): Spelling {
  const names = [...typesOf(json['decoder']), ...typesOf(json['pre_tokenizer'])];
  if (names.includes('ByteLevel')) return 'byte-level';
  if (names.includes('WordPiece')) return 'wordpiece';
  if (names.includes('Metaspace') || names.includes('ByteFallback')) return 'sentencepiece';
  return 'plain';
}

const idList = (v: unknown): number[] => (Array.isArray(v) ? v : [v]).filter((x): x is number => typeof x === 'number' && Number.isInteger(x) && x >= 0);

/** The part of the normaliser that maps characters to characters and can be undone in offsets. Additions of `▁` are handled by the walk. */
function characterNormaliser(json: JsonObject): ((s: string) => string) | null {
  const names = typesOf(json['normalizer']);
  const steps: ((s: string) => string)[] = [];
  for (const name of names) {
    if (name === 'NFC' || name === 'NFD' || name === 'NFKC' || name === 'NFKD') steps.push((s) => s.normalize(name));
    else if (name === 'Lowercase') steps.push(lowerCase);
  }
  return steps.length > 0 ? (s) => steps.reduce((t, f) => f(t), s) : null;
}

export class Tokenizer {
  readonly spelling: Spelling;
  /** Largest id + 1. A model's embedding may have more rows. */
  readonly size: number;
  readonly bos: SpecialToken | null;
  readonly eos: SpecialToken | null;
  readonly pad: SpecialToken | null;
  readonly unk: SpecialToken | null;
  /** Ids that end a generation: eos of the tokenizer and every eos of generation_config.json. */
  readonly stopIds: readonly number[];
  /** Ids of special tokens, which decoding can skip. */
  readonly specialIds: ReadonlySet<number>;
  /** The model's own chat template, as written. */
  readonly template: string | null;
  /** How the model's generation_config.json wants to be sampled. */
  readonly sampling: SamplingDefaults;
  /** Hash of tokenizer.json, for records: which tokenizer a run used. */
  readonly hash: string;
  readonly #inner: Pipeline;
  readonly #normalise: ((s: string) => string) | null;
  readonly #bytes = new Map<number, Uint8Array>();
  readonly #dropFirstSpace: boolean;

  /** Builds from parsed files. Throws `tokenizer-invalid`. `name` stands in messages. */
  constructor(files: TokenizerFiles, name = 'tokenizer.json') {
    const json: JsonObject = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...files.tokenizer };
    if (!isObject(json['model'])) throw new AnnealError('tokenizer-invalid', `${name} has no "model"; it is not a tokenizer.json of Hugging Face tokenizers.`, { file: name });
    if (!Array.isArray(json['added_tokens'])) json['added_tokens'] = [];
    const config = files.config;
    try { this.#inner = new Pipeline(json, config); } catch (e) {
      throw new AnnealError('tokenizer-invalid', `${name} cannot be read: ${e instanceof Error ? e.message : String(e)}`, { file: name }, { cause: e });
    }
    this.spelling = spellingOf(json);
    const special = new Set<number>();
    for (const [id, token] of this.#inner.added) if (token.special) special.add(id);
    this.size = this.#inner.size;
    if (this.size === 0) throw new AnnealError('tokenizer-invalid', `${name} has an empty vocabulary.`, { file: name });
    const named = (key: string): SpecialToken | null => {
      const content = contentOf(config[key]);
      const id = content === null ? undefined : this.#inner.idOf(content);
      if (content === null || id === undefined) return null;
      special.add(id);
      return { id, content };
    };
    this.bos = named('bos_token');
    const eos = named('eos_token');
    const generationEos = idList(files.generation['eos_token_id']);
    const first = generationEos[0];
    const fallback = first === undefined ? undefined : this.#inner.tokenOf(first);
    this.eos = eos ?? (first !== undefined && fallback !== undefined ? { id: first, content: fallback } : null);
    this.pad = named('pad_token');
    this.unk = named('unk_token');
    this.stopIds = [...new Set([...(this.eos ? [this.eos.id] : []), ...generationEos])];
    this.specialIds = special;
    this.template = files.template ?? templateOf(config['chat_template']);
    this.sampling = samplingDefaults(files.generation);
    this.hash = createHash('sha256').update(JSON.stringify(files.tokenizer)).digest('hex');
    this.#normalise = characterNormaliser(json);
    const decoders = typesOf(json['decoder']);
    this.#dropFirstSpace = this.spelling === 'sentencepiece' && (decoders.includes('Metaspace') || decoders.includes('Strip'));
  }

  /** Reads the tokenizer of a model folder. Throws `tokenizer-missing` or `tokenizer-invalid`. */
  static async load(folder: string): Promise<Tokenizer> {
    return new Tokenizer(await readTokenizerFiles(folder), `tokenizer.json in "${basename(folder)}"`);
  }

  /** Token ids of a text. Special tokens that the text spells out become their ids, as in Hugging Face. */
  encode(text: string, { addSpecial = true }: EncodeOptions = {}): number[] {
    return this.#inner.encode(text, addSpecial);
  }

  /** Character spans of the ids that `encode` gave for this text, or null where the tokenizer's spelling does not allow to tell. */
  offsets(text: string, ids: readonly number[]): Offsets | null {
    const pieces = ids.map((id) => this.bytesOf(id));
    const special = ids.map((id) => this.#inner.added.has(id) || this.specialIds.has(id));
    const normalise = this.#normalise;
    if (normalise && normalise(text) !== text) return offsetsThroughNormaliser(text, normalise, (t) => walkOffsets(t, pieces, special));
    return walkOffsets(text, pieces, special);
  }

  /** UTF-8 bytes that a token stands for; empty for an id outside of the vocabulary. A cut character gives incomplete UTF-8. */
  bytesOf(id: number): Uint8Array {
    const known = this.#bytes.get(id);
    if (known) return known;
    const bytes = this.#spell(id);
    this.#bytes.set(id, bytes);
    return bytes;
  }

  #spell(id: number): Uint8Array {
    const added = this.#inner.added.get(id);
    if (added && !(added.normalized && this.spelling === 'sentencepiece')) return utf8.encode(added.content);
    const piece = this.#inner.tokenOf(id);
    if (piece === undefined) return new Uint8Array(0);
    switch (this.spelling) {
      case 'byte-level': return alphabetToBytes(piece) ?? utf8.encode(piece);
      case 'sentencepiece': {
        const byte = /^<0x([0-9A-F]{2})>$/.exec(piece)?.[1];
        return byte === undefined ? utf8.encode(piece.replaceAll('▁', ' ')) : Uint8Array.of(Number.parseInt(byte, 16));
      }
      case 'wordpiece': return utf8.encode(piece.startsWith('##') ? piece.slice(2) : piece);
      case 'plain': return utf8.encode(piece);
    }
  }

  /** Text of ids. Ids outside of the vocabulary (padded embeddings) are skipped. `cleanUp` as tokenizer_config.json says when not given. */
  decode(ids: readonly number[], { skipSpecial = false, cleanUp }: { skipSpecial?: boolean; cleanUp?: boolean } = {}): string {
    return this.#inner.decode(ids, { skip: skipSpecial ? this.specialIds : null, cleanUp });
  }

  /** A decoder for tokens that come one by one. For byte-level and SentencePiece spellings its pieces add up to `decode` of all ids. */
  streamDecoder({ skipSpecial = true }: { skipSpecial?: boolean } = {}): StreamDecoder {
    return new StreamDecoder((id) => (skipSpecial && this.specialIds.has(id) ? null : this.bytesOf(id)), this.#dropFirstSpace);
  }

  /** The id of an exact vocabulary entry or special token. */
  idOf(token: string): number | null { return this.#inner.idOf(token) ?? null; }
  /** The vocabulary entry as it is written in tokenizer.json. */
  tokenOf(id: number): string | null { return this.#inner.tokenOf(id) ?? null; }
  /** True for added tokens, special or not: they are cut out of a text before anything else. */
  isAdded(id: number): boolean { return this.#inner.added.has(id); }
  /** Contents of all special tokens: a text that spells one out will hold the token itself. */
  specialContents(): string[] { return [...this.specialIds].map((id) => this.tokenOf(id) ?? '').filter((s) => s !== ''); }
}
