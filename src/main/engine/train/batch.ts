/** Turns token trees into the feeds of a step graph. */

import type { TypedArray } from '../graph/node.ts';
import { layTree, type TokenTree } from './token-tree.ts';

/** Static sizes of one compiled step: rows, slots per row, loss rows of the whole batch, examples with completions of the whole batch (0: losses over tokens alone). */
export interface BatchShape { rows: number; length: number; losses: number; examples?: number }

/** A row that is fed, with what its examples bring along. */
export interface BatchRow { tree: TokenTree; /** The method's columns, per example of the row. */ columns: readonly Readonly<Record<string, number>>[] }

export interface BatchWeights {
  /** What a loss row counts in a loss over tokens, 1 / N for a mean over N. */
  token: number;
  /** 1 / micro-batches: what this micro-batch counts in a mean over the step. */
  share: number;
}

/**
 * Feeds by input name; a graph declares those that it needs. int32: ids, positions, enter, exit, previous (flat slot of the token before, rows * length where there is none) and span [rows, length]; loss_slot (flat slot of the predicting position), target, completion [losses]; end_slot [roles * examples].
 * Real: valid, weight, token_own, token_share [losses]; exists, scale, column:* [examples]; lengths [roles * examples]; share []. Completion (role, e) is number role * examples + e.
 */
export type BatchFeeds = Record<string, TypedArray>;
export interface Batch { feeds: BatchFeeds; /** Real tokens in slots, shared prompts once. */ tokens: number; losses: number; examples: number; examplesPerRow: number[] }

/** Throws RangeError when the trees do not fit the shape. */
export function collate(rows: readonly BatchRow[], shape: BatchShape, weights: BatchWeights, roles = 0, pad = 0): Batch {
  if (rows.length > shape.rows) throw new RangeError(`${rows.length} rows do not fit a batch of ${shape.rows}`);
  const slots = shape.rows * shape.length;
  const room = shape.examples ?? 0;
  const completions = roles * room;
  const ints = { ids: new Int32Array(slots).fill(pad), positions: new Int32Array(slots), enter: new Int32Array(slots), exit: new Int32Array(slots), previous: new Int32Array(slots).fill(slots), span: new Int32Array(slots).fill(1), loss_slot: new Int32Array(shape.losses), target: new Int32Array(shape.losses), completion: new Int32Array(shape.losses), end_slot: new Int32Array(completions) };
  const reals = { valid: new Float32Array(shape.losses), weight: new Float32Array(shape.losses), token_own: new Float32Array(shape.losses), token_share: new Float32Array(shape.losses), lengths: new Float32Array(completions) };
  const columns = new Map<string, Float32Array>();
  let tokens = 0;
  let losses = 0;
  let examples = 0;
  rows.forEach(({ tree, columns: own }, row) => {
    const laid = layTree(tree, shape.length, pad);
    const start = row * shape.length;
    for (const name of ['ids', 'positions', 'enter', 'exit'] as const) ints[name].set(laid[name], start);
    ints.previous.set(laid.previous.map((slot) => (slot < 0 ? slots : start + slot)), start);
    ints.span.set(laid.span, start);
    const place = (segment: number): number => {
      const { role, example } = tree[segment]!;
      return role === undefined ? -1 : role * room + examples + (example ?? 0);
    };
    if (examples + own.length > room) throw new RangeError(`more than ${room} examples in a batch`);
    for (const loss of laid.losses) {
      if (losses === shape.losses) throw new RangeError(`more than ${shape.losses} loss rows in a batch`);
      ints.loss_slot[losses] = start + loss.slot;
      ints.target[losses] = loss.target;
      reals.valid[losses] = 1;
      reals.weight[losses] = weights.token;
      const completion = place(loss.segment);
      if (completion >= 0) {
        const { shares, ends, promptTokens = 0 } = tree[loss.segment]!;
        const isOwn = ends === true && loss.place >= promptTokens;
        ints.completion[losses] = completion;
        reals.token_share[losses] = shares === undefined ? 1 : shares[loss.place]!;
        reals.token_own[losses] = isOwn ? 1 : 0;
        if (isOwn) reals.lengths[completion]!++;
      }
      losses++;
    }
    tree.forEach((segment, s) => { if (segment.ends === true) ints.end_slot[place(s)] = start + laid.last[s]!; });
    own.forEach((values, i) => {
      for (const [name, value] of Object.entries(values)) {
        const column = columns.get(name) ?? new Float32Array(room);
        columns.set(name, column);
        column[examples + i] = value;
      }
    });
    examples += own.length;
    tokens += laid.tokens;
  });
  const exists = new Float32Array(room).fill(1, 0, examples);
  const scale = new Float32Array(room).fill(weights.share / Math.max(1, examples), 0, examples);
  const named = Object.fromEntries([...columns].map(([name, column]) => [`column:${name}`, column]));
  return { feeds: { ...ints, ...reals, exists, scale, share: Float32Array.of(weights.share), ...named }, tokens, losses, examples, examplesPerRow: rows.map((row) => row.columns.length) };
}
