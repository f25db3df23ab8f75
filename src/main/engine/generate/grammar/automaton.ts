/**
 * The automaton of a grammar, over bytes: a network of nodes built once, and deterministic states made from it as they are met (subset construction), each with its
 * transitions remembered. Time per byte does not depend on the text, so no pattern can run away; size is limited instead (nodes, members of a state, depth of
 * rules). Every state that is ever returned can still reach the end of the grammar with bytes that the vocabulary can spell one by one.
 */

import { grammarError } from './expr.ts';
import type { ByteRange, Expr, Grammar } from './expr.ts';

const MAX_NODES = 200_000;
/** Places of the network that one state may hold. */
const MAX_MEMBERS = 50_000;
/** Rules inside of rules. */
const MAX_DEPTH = 40;
/** States kept; beyond it they are forgotten and made again. */
const KEEP_STATES = 20_000;

interface Node { eps: number[]; on: Uint8Array | null; to: number; call: string | null; need: number }
interface Frame { readonly ret: number; readonly parent: Frame | null; readonly depth: number; readonly id: number; readonly inner: Map<number, Frame> }

/** A deterministic state. `cache` is for whoever computes something of a state once. */
export interface State {
  readonly nodes: readonly number[];
  readonly frames: readonly (Frame | null)[];
  /** The text so far is a whole sentence. */
  readonly accepts: boolean;
  /** No further byte is possible. */
  readonly final: boolean;
  next: (State | null | undefined)[];
  epoch: number;
  cache: Uint32Array | null;
}

export class Automaton {
  readonly start: State;
  readonly #classOf = new Uint8Array(256);
  readonly #classes: number;
  readonly #nodes: Node[] = [];
  readonly #rules = new Map<string, { start: number; end: number }>();
  readonly #end: number;
  #states = new Map<string, State>();
  #epoch = 0;
  #frameCount = 0;
  #top = new Map<number, Frame>();

  /** `spellable[b]`: the vocabulary has a token of this byte alone. Throws `grammar-invalid` when nothing matches or the grammar is too large. */
  constructor(grammar: Grammar, spellable: Uint8Array = new Uint8Array(256).fill(1)) {
    this.#classes = this.#partition([grammar.start, ...grammar.rules.values()], spellable);
    for (const name of grammar.rules.keys()) this.#rules.set(name, { start: this.#node(), end: this.#node() });
    for (const [name, body] of grammar.rules) { const r = this.#rules.get(name)!; this.#build(body, r.start, r.end, spellable); }
    const first = this.#node();
    this.#end = this.#node();
    this.#build(grammar.start, first, this.#end, spellable);
    this.#measure();
    if (this.#nodes[first]!.need > MAX_DEPTH) throw grammarError('No finite text fits the grammar: a part of it contradicts itself, asks for itself without end, or needs characters that the model\'s vocabulary cannot spell.');
    this.start = this.#closed([first], [null]);
  }

  get nodeCount(): number { return this.#nodes.length; }

  /** The state after one more byte, or null where the byte is not possible. */
  step(state: State, b: number): State | null {
    if (state.epoch !== this.#epoch) { state.epoch = this.#epoch; state.next = []; state.cache = null; }
    const c = this.#classOf[b] as number;
    const known = state.next[c];
    if (known !== undefined) return known;
    const nodes: number[] = [];
    const frames: (Frame | null)[] = [];
    for (let i = 0; i < state.nodes.length; i++) {
      const n = this.#nodes[state.nodes[i] as number] as Node;
      if (n.on !== null && n.on[c] === 1) { nodes.push(n.to); frames.push(state.frames[i] as Frame | null); }
    }
    const made = nodes.length === 0 ? null : this.#closed(nodes, frames);
    const result = made !== null && made.nodes.length === 0 && !made.accepts ? null : made;
    // Making the state may have begun a new epoch.
    if (state.epoch !== this.#epoch) { state.epoch = this.#epoch; state.next = []; state.cache = null; }
    state.next[c] = result;
    return result;
  }

  /** The state after all bytes from `from` on, or null. */
  walk(state: State, bytes: Uint8Array, from = 0): State | null {
    let at: State | null = state;
    for (let i = from; i < bytes.length && at !== null; i++) at = this.step(at, bytes[i] as number);
    return at;
  }

  #closed(nodes: number[], frames: (Frame | null)[]): State {
    const seen = new Map<Frame | null, Set<number>>();
    const kept: [number, Frame | null][] = [];
    let accepts = false;
    const open: [number, Frame | null][] = [];
    const visit = (node: number, frame: Frame | null): void => {
      if ((frame?.depth ?? 0) + (this.#nodes[node] as Node).need > MAX_DEPTH) return;
      let set = seen.get(frame);
      if (!set) seen.set(frame, set = new Set());
      if (set.has(node)) return;
      set.add(node);
      open.push([node, frame]);
    };
    for (let i = nodes.length - 1; i >= 0; i--) visit(nodes[i] as number, frames[i] as Frame | null);
    while (open.length > 0) {
      const [id, frame] = open.pop() as [number, Frame | null];
      const n = this.#nodes[id] as Node;
      if (n.on !== null) { kept.push([id, frame]); if (kept.length > MAX_MEMBERS) throw grammarError('The grammar is too ambiguous: it would have to be followed in too many ways at once.'); }
      for (const e of n.eps) visit(e, frame);
      if (n.call !== null) visit(this.#rules.get(n.call)!.start, this.#frame(n.to, frame));
      else if (n.eps.length === 0 && n.on === null) { if (frame !== null) visit(frame.ret, frame.parent); else if (id === this.#end) accepts = true; }
    }
    kept.sort((a, b) => a[0] - b[0] || (a[1]?.id ?? 0) - (b[1]?.id ?? 0));
    const key = `${accepts ? 1 : 0}:${kept.map(([n, f]) => `${n},${f?.id ?? 0}`).join(';')}`;
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#states.size >= KEEP_STATES) { this.#states = new Map(); this.#top = new Map(); this.#epoch++; }
    const made: State = { nodes: kept.map(([n]) => n), frames: kept.map(([, f]) => f), accepts, final: kept.length === 0, next: [], epoch: this.#epoch, cache: null };
    this.#states.set(key, made);
    return made;
  }

  #frame(ret: number, parent: Frame | null): Frame {
    const table = parent?.inner ?? this.#top;
    let made = table.get(ret);
    if (!made) table.set(ret, made = { ret, parent, depth: (parent?.depth ?? 0) + 1, id: ++this.#frameCount, inner: new Map() });
    return made;
  }

  #node(): number {
    if (this.#nodes.length >= MAX_NODES) throw grammarError(`The grammar is too large: it has more than ${MAX_NODES} places. Make its counts (such as {1,5000}, maxLength, maxItems) or its parts smaller.`);
    return this.#nodes.push({ eps: [], on: null, to: 0, call: null, need: Infinity }) - 1;
  }

  /** Lays `e` between two nodes. */
  #build(e: Expr, from: number, to: number, spellable: Uint8Array): void {
    const lay = (x: Expr, a: number, b: number): void => { this.#build(x, a, b, spellable); };
    const eps = (a: number, b: number): void => { (this.#nodes[a] as Node).eps.push(b); };
    switch (e.kind) {
      case 'empty': eps(from, to); return;
      case 'byte': { const n = this.#node(); eps(from, n); const node = this.#nodes[n] as Node; node.on = this.#members(e.ranges, spellable); node.to = to; return; }
      case 'rule': { const n = this.#node(); eps(from, n); const node = this.#nodes[n] as Node; if (!this.#rules.has(e.name)) throw grammarError(`The grammar has no rule "${e.name}".`); node.call = e.name; node.to = to; return; }
      case 'seq': {
        let at = from;
        e.parts.forEach((p, i) => { const next = i === e.parts.length - 1 ? to : this.#node(); lay(p, at, next); at = next; });
        if (e.parts.length === 0) eps(from, to);
        return;
      }
      case 'alt': for (const o of e.options) { const a = this.#node(); eps(from, a); lay(o, a, to); } return;
      case 'repeat': {
        let at = from;
        for (let i = 0; i < e.min; i++) { const next = this.#node(); lay(e.body, at, next); at = next; }
        if (e.max === Infinity) {
          const loop = this.#node();
          const body = this.#node();
          eps(at, loop); eps(loop, body); lay(e.body, body, loop); eps(loop, to);
          return;
        }
        for (let i = e.min; i < e.max; i++) { eps(at, to); const next = this.#node(); const body = this.#node(); eps(at, body); lay(e.body, body, next); at = next; }
        eps(at, to);
        return;
      }
      case 'list': {
        // `none`: nothing stands yet; `some`: the next item needs a separator before it.
        let none: number | null = from;
        let some: number | null = null;
        for (const { body, required } of e.items) {
          const item = this.#node();
          const after = this.#node();
          if (none !== null) eps(none, item);
          if (some !== null) { const s = this.#node(); eps(some, s); lay(e.separator, s, item); if (!required) eps(some, after); }
          lay(body, item, after);
          if (required) none = null;
          else if (none !== null) { const still = this.#node(); eps(none, still); none = still; }
          some = after;
        }
        if (e.more !== null) {
          const item = this.#node();
          const after = this.#node();
          if (none !== null) eps(none, item);
          if (some !== null) eps(some, after);
          const s = this.#node();
          eps(after, s);
          lay(e.separator, s, item);
          lay(e.more, item, after);
          eps(after, to);
        } else if (some !== null) eps(some, to);
        if (none !== null) eps(none, to);
      }
    }
  }

  /** For each node, how many further levels of rules the shortest way to the end of its rule needs; infinite where there is none. */
  #measure(): void {
    const from: number[][] = this.#nodes.map(() => []);
    const callers = new Map<string, number[]>();
    this.#nodes.forEach((n, i) => {
      for (const e of n.eps) from[e]!.push(i);
      if (n.on !== null && n.on.includes(1)) from[n.to]!.push(i);
      if (n.call !== null) { from[n.to]!.push(i); const list = callers.get(n.call) ?? []; list.push(i); callers.set(n.call, list); }
    });
    const ends = new Set([this.#end, ...[...this.#rules.values()].map((r) => r.end)]);
    const starts = new Map([...this.#rules].map(([name, r]) => [r.start, name]));
    const queue = [...ends];
    for (const e of ends) (this.#nodes[e] as Node).need = 0;
    while (queue.length > 0) {
      const id = queue.pop() as number;
      const name = starts.get(id);
      for (const p of [...(from[id] as number[]), ...(name === undefined ? [] : callers.get(name) ?? [])]) {
        const n = this.#nodes[p] as Node;
        let need = Infinity;
        for (const e of n.eps) need = Math.min(need, (this.#nodes[e] as Node).need);
        if (n.on !== null && n.on.includes(1)) need = Math.min(need, (this.#nodes[n.to] as Node).need);
        if (n.call !== null) need = Math.min(need, Math.max(1 + (this.#nodes[this.#rules.get(n.call)!.start] as Node).need, (this.#nodes[n.to] as Node).need));
        if (need < n.need) { n.need = need; queue.push(p); }
      }
    }
  }

  /** Bytes that no part of the grammar tells apart share a class. Returns how many classes there are. */
  #partition(all: readonly Expr[], spellable: Uint8Array): number {
    const cuts = new Uint8Array(257);
    const visit = (e: Expr): void => {
      if (e.kind === 'byte') for (const [a, b] of e.ranges) { cuts[a] = 1; cuts[b + 1] = 1; }
      else if (e.kind === 'seq') e.parts.forEach(visit);
      else if (e.kind === 'alt') e.options.forEach(visit);
      else if (e.kind === 'repeat') visit(e.body);
      else if (e.kind === 'list') { e.items.forEach((i) => { visit(i.body); }); visit(e.separator); if (e.more) visit(e.more); }
    };
    all.forEach(visit);
    let c = 0;
    for (let b = 0; b < 256; b++) {
      if (b > 0 && (cuts[b] === 1 || spellable[b] !== spellable[b - 1])) c++;
      this.#classOf[b] = c;
    }
    return c + 1;
  }

  readonly #sets = new Map<string, Uint8Array>();
  #members(ranges: readonly ByteRange[], spellable: Uint8Array): Uint8Array {
    const key = ranges.join(';');
    const known = this.#sets.get(key);
    if (known) return known;
    const set = new Uint8Array(this.#classes);
    for (const [a, b] of ranges) for (let x = a; x <= b; x++) if (spellable[x] === 1) set[this.#classOf[x] as number] = 1;
    this.#sets.set(key, set);
    return set;
  }
}
