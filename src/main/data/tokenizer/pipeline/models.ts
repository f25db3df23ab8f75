/** Models of tokenizer.json: ids of one piece. BPE, WordPiece and Unigram are the package's; unknown tokens, byte fallback and ids are handled here as in Hugging Face tokenizers. */
import { BPE, Unigram, WordPiece } from '@huggingface/tokenizers';
import { AnnealError } from '../../../../shared/errors.ts';
import { isObject } from '../files.ts';
import { type Component, unsupported } from './component.ts';

export interface PieceModel {
  readonly kind: 'BPE' | 'WordPiece' | 'Unigram' | 'WordLevel';
  readonly ids: ReadonlyMap<string, number>;
  encode(piece: string): readonly number[];
}

const utf8 = new TextEncoder();
const MAX_ID = 2 ** 24;
const CACHED_LENGTH = 64;
const CACHED_PIECES = 50_000;
const damaged = (what: string): AnnealError => new AnnealError('tokenizer-invalid', `tokenizer.json cannot be used: ${what}; copy the file again from the model.`);

function vocabularyOf(c: Component): Map<string, number> {
  if (!isObject(c['vocab'])) throw damaged('its model has no vocabulary');
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(c['vocab'])) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MAX_ID) throw damaged(`the token ${JSON.stringify(token.slice(0, 40))} has the id ${String(id)}`);
    ids.set(token, id);
  }
  return ids;
}

const byteToken = (b: number): string => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`;
/** Ids of the bytes of a text, or null where the vocabulary lacks one. */
function byteIds(text: string, ids: ReadonlyMap<string, number>): number[] | null {
  const out: number[] = [];
  for (const b of utf8.encode(text)) {
    const id = ids.get(byteToken(b));
    if (id === undefined) return null;
    out.push(id);
  }
  return out;
}

function bpe(c: Component): PieceModel {
  const ids = vocabularyOf(c), merges: unknown = c['merges'];
  if (!Array.isArray(merges)) throw damaged('its model has no merges');
  if (typeof c['continuing_subword_prefix'] === 'string' && c['continuing_subword_prefix'] !== '') throw unsupported('model setting', { type: 'continuing_subword_prefix of BPE' });
  for (const [rank, merge] of merges.entries()) {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((p): p is string => typeof p === 'string')) throw damaged(`merge ${rank} is not a pair of tokens`);
    const missing = [...pair, pair.join('')].find((t) => !ids.has(t));
    if (missing !== undefined) throw damaged(`merge ${rank} needs the token ${JSON.stringify(missing.slice(0, 40))}, which the vocabulary does not have`);
  }
  // Byte fallback and unknown tokens are done below: the package joins unknown tokens across pieces, and drops what HF keeps.
  const model = new BPE({ ...c, type: 'BPE', byte_fallback: false, fuse_unk: false, unk_token: undefined } as unknown as ConstructorParameters<typeof BPE>[0]);
  const fallback = c['byte_fallback'] === true, fuse = c['fuse_unk'] === true, unk = typeof c['unk_token'] === 'string' ? ids.get(c['unk_token']) : undefined, whole = c['ignore_merges'] === true;
  return {
    kind: 'BPE', ids,
    encode: (piece) => {
      const entire = whole ? ids.get(piece) : undefined;
      if (entire !== undefined) return [entire];
      const out: number[] = [];
      let unknown = false;
      for (const token of model.bpe(piece)) {
        const id = ids.get(token), bytes = id === undefined && fallback ? byteIds(token, ids) : null;
        if (id !== undefined) out.push(id);
        else if (bytes) for (const b of bytes) out.push(b);
        else if (unk !== undefined && !(fuse && unknown)) out.push(unk);
        unknown = id === undefined && !bytes;
      }
      return out;
    },
  };
}

function wordPiece(c: Component): PieceModel {
  const ids = vocabularyOf(c), unk = typeof c['unk_token'] === 'string' ? c['unk_token'] : '[UNK]';
  const model = new WordPiece({ continuing_subword_prefix: '##', ...c, unk_token: unk } as unknown as ConstructorParameters<typeof WordPiece>[0]);
  return { kind: 'WordPiece', ids, encode: (piece) => model.encode([piece]).flatMap((t) => ids.get(t) ?? []) };
}

function unigram(c: Component): PieceModel {
  const list: unknown = c['vocab'], unk: unknown = c['unk_id'];
  if (!Array.isArray(list) || list.length === 0 || !list.every((e): e is [string, number] => Array.isArray(e) && typeof e[0] === 'string' && typeof e[1] === 'number')) throw damaged('its vocabulary is not a list of tokens with scores');
  const ids = new Map(list.map(([token], i) => [token, i]));
  const unkId = typeof unk === 'number' && Number.isInteger(unk) && unk >= 0 && unk < list.length ? unk : null;
  // The package needs a token for what is unknown; where the file names none, an entry that no text spells out stands in.
  const vocab = unkId === null ? [...list, ['\uffff\uffff', 0]] : list;
  const model = new Unigram({ ...c, vocab, unk_id: unkId ?? list.length } as unknown as ConstructorParameters<typeof Unigram>[0], undefined as unknown as string);
  const fallback = c['byte_fallback'] === true;
  return {
    kind: 'Unigram', ids,
    encode: (piece) => {
      const out: number[] = [];
      let unknown = '';
      const flush = (): void => {
        if (unknown === '') return;
        const bytes = fallback ? byteIds(unknown, ids) : null;
        if (bytes) for (const b of bytes) out.push(b);
        else if (unkId !== null) out.push(unkId);
        else throw new AnnealError('tokenizer-invalid', 'The tokenizer has no token for a part of the text and no unknown token; its vocabulary is incomplete.');
        unknown = '';
      };
      for (const token of model.tokenize(piece)) {
        const id = ids.get(token);
        if (id === undefined || id === unkId) unknown += token;
        else { flush(); out.push(id); }
      }
      flush();
      return out;
    },
  };
}

function wordLevel(c: Component): PieceModel {
  const ids = vocabularyOf(c), unk = typeof c['unk_token'] === 'string' ? ids.get(c['unk_token']) : undefined;
  return {
    kind: 'WordLevel', ids,
    encode: (piece) => {
      const id = ids.get(piece) ?? unk;
      if (id === undefined) throw new AnnealError('tokenizer-invalid', 'The tokenizer has no token for a part of the text and no unknown token; its vocabulary is incomplete.');
      return [id];
    },
  };
}

function kindOf(c: Component): string {
  if (typeof c['type'] === 'string') return c['type'];
  // Old files do not say it.
  if (Array.isArray(c['vocab'])) return 'Unigram';
  if (Array.isArray(c['merges'])) return 'BPE';
  return 'continuing_subword_prefix' in c ? 'WordPiece' : 'WordLevel';
}

function remembered(model: PieceModel): PieceModel {
  const cache = new Map<string, readonly number[]>();
  return {
    ...model,
    encode: (piece) => {
      if (piece.length > CACHED_LENGTH) return model.encode(piece);
      let ids = cache.get(piece);
      if (!ids) {
        ids = model.encode(piece);
        if (cache.size >= CACHED_PIECES) cache.clear();
        cache.set(piece, ids);
      }
      return ids;
    },
  };
}

/** Throws `tokenizer-invalid` for a kind that is not known and for a damaged one. */
export function modelOf(c: Component): PieceModel {
  switch (kindOf(c)) {
    case 'BPE': return remembered(bpe(c));
    case 'WordPiece': return remembered(wordPiece(c));
    case 'Unigram': return remembered(unigram(c));
    case 'WordLevel': return wordLevel(c);
    default: throw unsupported('model', c);
  }
}
