/** The one batch form: a row is a forest of segments. A slot attends to an earlier slot when that slot's segment is its own or an ancestor of it. Packed examples are roots; answers to one prompt are its children.
 * Ancestry travels as an interval per slot (enter, exit of a depth-first walk): segment a is an ancestor of b exactly when enter(a) <= enter(b) <= exit(a). */

/** A run of tokens. `parent` is the index of an earlier segment of the row, or -1. `targets[i]` is 1 when token i carries a loss (predicted from the slot before it on its path). */
export interface Segment { parent: number; ids: ArrayLike<number>; targets: ArrayLike<number> }
export type TokenTree = readonly Segment[];

/** A loss stands at the output of `slot` and asks for token `target`; `segment` tells methods whose it is. */
export interface LossRow { slot: number; target: number; segment: number }
export interface TreeSlots { tokens: number; ids: Int32Array; positions: Int32Array; enter: Int32Array; exit: Int32Array; losses: LossRow[] }

export function treeLength(tree: TokenTree): number {
  return tree.reduce((n, s) => n + s.ids.length, 0);
}

/** Lays a tree out in `length` slots; padding slots see only themselves and earlier padding. Throws RangeError when the tree does not fit. */
export function layTree(tree: TokenTree, length: number, pad: number): TreeSlots {
  const tokens = treeLength(tree);
  if (tokens > length) throw new RangeError(`a tree of ${tokens} tokens does not fit ${length} slots`);
  const slots: TreeSlots = { tokens, ids: new Int32Array(length).fill(pad), positions: new Int32Array(length), enter: new Int32Array(length).fill(tree.length), exit: new Int32Array(length).fill(tree.length), losses: [] };
  const { enter, exit } = walk(tree);
  const last: { slot: number; position: number }[] = [];
  let slot = 0;
  tree.forEach((segment, s) => {
    let previous = segment.parent < 0 ? { slot: -1, position: -1 } : last[segment.parent]!;
    for (let i = 0; i < segment.ids.length; i++) {
      slots.ids[slot] = segment.ids[i]!;
      slots.positions[slot] = previous.position + 1;
      slots.enter[slot] = enter[s]!;
      slots.exit[slot] = exit[s]!;
      if (segment.targets[i] === 1 && previous.slot >= 0) slots.losses.push({ slot: previous.slot, target: segment.ids[i]!, segment: s });
      previous = { slot, position: previous.position + 1 };
      slot++;
    }
    last.push(previous);
  });
  return slots;
}

/** Depth-first numbering of segments; parents stand before their children. */
function walk(tree: TokenTree): { enter: number[]; exit: number[] } {
  const children: number[][] = tree.map(() => []);
  const roots: number[] = [];
  tree.forEach((s, i) => {
    if (s.parent >= i) throw new RangeError(`segment ${i} stands before its parent ${s.parent}`);
    (s.parent < 0 ? roots : children[s.parent]!).push(i);
  });
  const enter: number[] = [];
  const exit: number[] = [];
  let clock = 0;
  const visit = (s: number): void => {
    enter[s] = clock++;
    for (const child of children[s]!) visit(child);
    exit[s] = clock - 1;
  };
  for (const root of roots) visit(root);
  return { enter, exit };
}
