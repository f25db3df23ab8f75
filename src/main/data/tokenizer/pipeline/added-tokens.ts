/**
 * Added tokens: cut out of a text before anything else. Two rounds, as in Hugging Face tokenizers: tokens that are matched in the text as it stands, then tokens that are matched in the normalised text.
 * In each round the longest of the leftmost matches counts. `single_word`, `lstrip` and `rstrip` as there.
 */
import { isObject, type JsonObject } from '../files.ts';

export interface AddedToken { id: number; content: string; special: boolean; normalized: boolean; lstrip: boolean; rstrip: boolean; singleWord: boolean }
/** A stretch of text, or the id of an added token. `atStart`: at the very beginning of the input. */
export type Section = { text: string; atStart: boolean } | { id: number };

const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const WORD_AFTER = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const SPACE_BEFORE = /\p{White_Space}*$/u;
const SPACE_AFTER = /^\p{White_Space}*/u;
/** How far back a word or blank is looked for. */
const NEAR = 1000;

export function readAddedToken(value: unknown): AddedToken | null {
  if (!isObject(value)) return null;
  const { id, content } = value;
  if (typeof content !== 'string' || content === '' || typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= 2 ** 31) return null;
  const special = value['special'] === true;
  return { id, content, special, normalized: typeof value['normalized'] === 'boolean' ? value['normalized'] : !special, lstrip: value['lstrip'] === true, rstrip: value['rstrip'] === true, singleWord: value['single_word'] === true };
}

interface Node { next: Map<number, Node>; token: AddedToken | null }

class Matcher {
  readonly #root: Node = { next: new Map(), token: null };
  add(content: string, token: AddedToken): void {
    let node = this.#root;
    for (let i = 0; i < content.length; i++) {
      let next = node.next.get(content.charCodeAt(i));
      if (!next) node.next.set(content.charCodeAt(i), next = { next: new Map(), token: null });
      node = next;
    }
    node.token ??= token;
  }

  split(text: string, atStart: boolean, out: Section[]): void {
    const root = this.#root.next;
    let from = 0;
    if (root.size > 0) {
      for (let i = 0; i < text.length; i++) {
        let node = root.get(text.charCodeAt(i)), found: AddedToken | null = null, end = i;
        for (let j = i + 1; node; j++) {
          if (node.token) { found = node.token; end = j; }
          node = j < text.length ? node.next.get(text.charCodeAt(j)) : undefined;
        }
        if (!found) continue;
        let start = i, stop = end;
        const at = i, before = (): string => text.slice(Math.max(0, at - NEAR), at), after = (): string => text.slice(end, end + NEAR);
        i = end - 1;
        if (found.singleWord && (WORD_BEFORE.test(before()) || WORD_AFTER.test(after()))) continue;
        if (found.lstrip) start = Math.max(from, start - (SPACE_BEFORE.exec(before())?.[0].length ?? 0));
        if (found.rstrip) stop += SPACE_AFTER.exec(after())?.[0].length ?? 0;
        if (from < start) out.push({ text: text.slice(from, start), atStart: atStart && from === 0 });
        out.push({ id: found.id });
        from = stop;
        i = Math.max(i, stop - 1);
      }
    }
    if (from < text.length) out.push({ text: text.slice(from), atStart: atStart && from === 0 });
  }
}

export class AddedTokens {
  readonly byId: ReadonlyMap<number, AddedToken>;
  readonly #raw = new Matcher();
  readonly #normalised = new Matcher();
  readonly #normalise: (text: string) => string;

  constructor(tokens: readonly AddedToken[], normalise: (text: string) => string) {
    this.#normalise = normalise;
    for (const token of tokens) {
      if (!token.normalized) this.#raw.add(token.content, token);
      else { const content = normalise(token.content); if (content !== '') this.#normalised.add(content, token); }
    }
    this.byId = new Map(tokens.map((t) => [t.id, t]));
  }

  /** The text in sections, normalised. */
  sections(text: string): Section[] {
    const first: Section[] = [], out: Section[] = [];
    this.#raw.split(text, true, first);
    for (const section of first) {
      if ('id' in section) out.push(section);
      else this.#normalised.split(this.#normalise(section.text), section.atStart, out);
    }
    return out;
  }
}

/** What tokenizer_config.json adds to tokenizer.json: tokens of `added_tokens_decoder` that the file does not have, and named special tokens that are plain entries of the vocabulary. */
export function configuredTokens(config: JsonObject, known: readonly AddedToken[], named: readonly string[], idOf: (content: string) => number | undefined, vocabulary: number): AddedToken[] {
  const have = new Set(known.map((t) => t.content));
  let next = Math.max(vocabulary, ...known.map((t) => t.id + 1));
  const added: AddedToken[] = [];
  const add = (token: AddedToken): void => { have.add(token.content); added.push(token); };
  const decoder = isObject(config['added_tokens_decoder']) ? Object.entries(config['added_tokens_decoder']) : [];
  for (const [id, value] of decoder.toSorted((a, b) => Number(a[0]) - Number(b[0]))) {
    const token = readAddedToken(isObject(value) ? { ...value, id: Number(id) } : null);
    if (token && !have.has(token.content)) add({ ...token, id: idOf(token.content) ?? next++ });
  }
  for (const content of named) {
    const id = have.has(content) ? undefined : idOf(content);
    if (id !== undefined) add({ id, content, special: true, normalized: false, lstrip: false, rstrip: false, singleWord: false });
  }
  return added;
}
