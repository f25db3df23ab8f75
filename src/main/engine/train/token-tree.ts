/** The one batch form: a row is a forest of segments. A slot attends to an earlier slot when that slot's segment is its own or an ancestor of it. Packed examples are roots; answers to one prompt are its children.
 * Ancestry travels as an interval per slot (enter, exit of a depth-first walk): segment a is an ancestor of b exactly when enter(a) <= enter(b) <= exit(a). */

/** A run of tokens. `parent` is the index of an earlier segment of the row, or -1. `targets[i]` is 1 when token i carries a loss (predicted from the slot before it on its path). */
export interface Segment {
  parent: number; ids: ArrayLike<number>; targets: ArrayLike<number>;
  /** Which completion of which example of the row the segment's losses belong to; absent for losses over tokens alone. */
  role?: number; example?: number;
  /** What each token counts in the sum of its completion; default 1. */
  shares?: ArrayLike<number>;
  /** The last token ends a completion, which begins after this many tokens of the segment (its prompt, where the segment holds both). */
  ends?: boolean; promptTokens?: number;
}
export type TokenTree = readonly Segment[];

/** A loss stands at the output of `slot` and asks for token `target`, which is token `place` of `segment`. */
export interface LossRow { slot: number; target: number; segment: number; place: number }
/** Per slot: `previous` is the slot of the token before it on its path (-1 where the path begins), `span` the tokens of the longest path through its root. */
export interface TreeSlots { tokens: number; ids: Int32Array; positions: Int32Array; enter: Int32Array; exit: Int32Array; previous: Int32Array; span: Int32Array; losses: LossRow[]; /** Last slot of every segment, -1 for an empty one without a parent. */ last: number[] }

export function treeLength(tree: TokenTree): number {
  return tree.reduce((n, s) => n + s.ids.length, 0);
}

/** Lays a tree out in `length` slots; padding slots see only themselves and earlier padding. Throws RangeError when the tree does not fit. */
export function layTree(tree: TokenTree, length: number, pad: number): TreeSlots {
  const tokens = treeLength(tree);
  if (tokens > length) throw new RangeError(`a tree of ${tokens} tokens does not fit ${length} slots`);
  const filled = (value: number): Int32Array => new Int32Array(length).fill(value);
  const slots: TreeSlots = { tokens, ids: filled(pad), positions: filled(0), enter: filled(tree.length), exit: filled(tree.length), previous: filled(-1), span: filled(1), losses: [], last: [] };
  const { enter, exit } = walk(tree);
  const spans = rootSpans(tree);
  const last: { slot: number; position: number }[] = [];
  let slot = 0;
  tree.forEach((segment, s) => {
    let previous = segment.parent < 0 ? { slot: -1, position: -1 } : last[segment.parent]!;
    for (let i = 0; i < segment.ids.length; i++) {
      slots.ids[slot] = segment.ids[i]!;
      slots.positions[slot] = previous.position + 1;
      slots.enter[slot] = enter[s]!;
      slots.exit[slot] = exit[s]!;
      slots.previous[slot] = previous.slot;
      slots.span[slot] = spans[s]!;
      if (segment.targets[i] === 1 && previous.slot >= 0) slots.losses.push({ slot: previous.slot, target: segment.ids[i]!, segment: s, place: i });
      previous = { slot, position: previous.position + 1 };
      slot++;
    }
    last.push(previous);
  });
  slots.last = last.map((l) => l.slot);
  return slots;
}

/** For each segment the tokens of the longest path through its root. */
function rootSpans(tree: TokenTree): number[] {
  const roots: number[] = [];
  const ends: number[] = [];
  const longest: number[] = [];
  tree.forEach((segment, s) => {
    const root = roots[s] = segment.parent < 0 ? s : roots[segment.parent]!;
    ends[s] = (segment.parent < 0 ? 0 : ends[segment.parent]!) + segment.ids.length;
    longest[root] = Math.max(longest[root] ?? 0, ends[s]);
  });
  return roots.map((root) => longest[root]!);
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
