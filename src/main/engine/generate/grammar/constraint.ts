/**
 * A grammar applied to a vocabulary: which tokens may come next, as a bit set. Compiled once for many sequences; the set of a state is computed once (one walk of
 * the vocabulary's tree, cut short where the grammar allows nothing) and kept. A sequence that ends by itself is a whole sentence of the grammar.
 */

import { Automaton } from './automaton.ts';
import type { State } from './automaton.ts';
import type { Grammar } from './expr.ts';
import { tokenTrie } from './token-trie.ts';
import type { TokenTrie, Vocabulary } from './token-trie.ts';

/** Bit sets kept at a time: at 50,000 tokens 6 KB each. */
const KEEP_MASKS = 4000;
const tries = new WeakMap<Vocabulary, TokenTrie>();

export class Constraint {
  readonly automaton: Automaton;
  readonly #vocabulary: Vocabulary;
  readonly #trie: TokenTrie;
  readonly #masks: State[] = [];
  #startMask: Uint32Array | null = null;

  /** Throws `grammar-invalid`. */
  constructor(grammar: Grammar, vocabulary: Vocabulary) {
    const trie = tries.get(vocabulary) ?? tokenTrie(vocabulary);
    tries.set(vocabulary, trie);
    this.#trie = trie;
    this.#vocabulary = vocabulary;
    this.automaton = new Automaton(grammar, trie.spellable);
  }

  /** The place of a new sequence. */
  begin(): Place { return new Place(this); }

  /** Tokens that may follow, bit id % 32 of word id / 32. The end of a turn is among them where the text is whole. */
  maskOf(state: State, atStart: boolean): Uint32Array {
    if (atStart && this.#vocabulary.dropsFirstSpace) return this.#startMask ??= this.#compute(state, true);
    if (state.cache !== null) return state.cache;
    const made = this.#compute(state, false);
    state.cache = made;
    this.#masks.push(state);
    if (this.#masks.length > KEEP_MASKS) { const old = this.#masks.shift(); if (old) old.cache = null; }
    return made;
  }

  #compute(from: State, spaceDrops: boolean): Uint32Array {
    const { byte, depth, skip, first, tokens, maxDepth } = this.#trie;
    const mask = new Uint32Array(Math.ceil(this.#vocabulary.size / 32));
    const states: State[] = Array.from({ length: maxDepth + 1 }, () => from);
    for (let i = 0; i < byte.length;) {
      const d = depth[i] as number;
      const b = byte[i] as number;
      const dropped = spaceDrops && d === 1 && b === 0x20;
      const to = dropped ? from : this.automaton.step(states[d - 1] as State, b);
      if (to === null) { i = skip[i] as number; continue; }
      states[d] = to;
      // A lone space that is dropped would be no progress.
      if (!dropped) for (let k = first[i] as number; k < (first[i + 1] as number); k++) setBit(mask, tokens[k] as number);
      i++;
    }
    if (from.accepts) for (const id of this.#vocabulary.stopIds) if (id < this.#vocabulary.size) setBit(mask, id);
    return mask;
  }

  /** The state after a token, or null where the grammar has no such text. */
  after(state: State, token: number, atStart: boolean): State | null {
    const bytes = this.#vocabulary.bytesOf(token);
    if (bytes === null || bytes.length === 0) return null;
    return this.automaton.walk(state, bytes, atStart && this.#vocabulary.dropsFirstSpace && bytes[0] === 0x20 ? 1 : 0);
  }
}

const setBit = (mask: Uint32Array, id: number): void => { mask[id >>> 5] = (mask[id >>> 5] as number) | (1 << (id & 31)); };
export const allows = (mask: Uint32Array, id: number): boolean => (((mask[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;

/** Where one sequence stands in the grammar. */
export class Place {
  readonly #constraint: Constraint;
  #state: State;
  #begun = false;
  constructor(constraint: Constraint) { this.#constraint = constraint; this.#state = constraint.automaton.start; }
  /** Tokens that may come next. */
  get mask(): Uint32Array { return this.#constraint.maskOf(this.#state, !this.#begun); }
  /** The text so far is a whole sentence. */
  get complete(): boolean { return this.#state.accepts; }
  /** Nothing more can come. */
  get final(): boolean { return this.#state.final; }
  /** Takes a token that `mask` allows. */
  advance(token: number): void {
    const next = this.#constraint.after(this.#state, token, !this.#begun);
    if (next === null) throw new RangeError(`token ${token} does not fit the grammar`);
    this.#state = next;
    this.#begun = true;
  }
}
