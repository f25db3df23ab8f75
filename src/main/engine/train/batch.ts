/** Turns token trees into the feeds of a step graph. */

import { layTree, treeLength, type TokenTree } from './token-tree.ts';

/** Static sizes of one compiled step: rows, slots per row, loss rows of the whole batch. */
export interface BatchShape { rows: number; length: number; losses: number }

/** Feeds by input name; a graph declares those that its model needs. Index feeds are int32: ids, positions, enter, exit, previous (flat slot of the token before, rows * length where there is none) and span [rows, length]; loss_slot (flat slot of the predicting position), target, valid and weight [losses]. */
export interface BatchFeeds {
  ids: Int32Array; positions: Int32Array; enter: Int32Array; exit: Int32Array; previous: Int32Array; span: Int32Array;
  loss_slot: Int32Array; target: Int32Array; valid: Float32Array; weight: Float32Array;
}
export interface Batch { feeds: BatchFeeds; /** Real tokens, prompts included. */ tokens: number; losses: number }

/** `lossWeight` is what each loss row counts in the sum, 1 / N for a mean over N. Throws RangeError when the trees do not fit the shape. */
export function collate(trees: readonly TokenTree[], shape: BatchShape, lossWeight: number, pad = 0): Batch {
  const { rows, length } = shape;
  const feeds: BatchFeeds = {
    ids: new Int32Array(rows * length).fill(pad), positions: new Int32Array(rows * length), enter: new Int32Array(rows * length), exit: new Int32Array(rows * length),
    previous: new Int32Array(rows * length).fill(rows * length), span: new Int32Array(rows * length).fill(1),
    loss_slot: new Int32Array(shape.losses), target: new Int32Array(shape.losses), valid: new Float32Array(shape.losses), weight: new Float32Array(shape.losses),
  };
  if (trees.length > rows) throw new RangeError(`${trees.length} rows do not fit a batch of ${rows}`);
  let tokens = 0;
  let losses = 0;
  trees.forEach((tree, row) => {
    const slots = layTree(tree, length, pad);
    const start = row * length;
    feeds.ids.set(slots.ids, start);
    feeds.positions.set(slots.positions, start);
    feeds.enter.set(slots.enter, start);
    feeds.exit.set(slots.exit, start);
    feeds.previous.set(slots.previous.map((slot) => (slot < 0 ? rows * length : start + slot)), start);
    feeds.span.set(slots.span, start);
    for (const loss of slots.losses) {
      if (losses === shape.losses) throw new RangeError(`more than ${shape.losses} loss rows in a batch`);
      feeds.loss_slot[losses] = start + loss.slot;
      feeds.target[losses] = loss.target;
      feeds.valid[losses] = 1;
      feeds.weight[losses] = lossWeight;
      losses++;
    }
    tokens += slots.tokens;
  });
  return { feeds, tokens, losses };
}

export { treeLength };
