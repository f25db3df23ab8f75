/**
 * Fits a run into a budget: starts with what is fastest and gives up, one after another, what costs the least time for its memory, until the plan fits. A step that frees next to nothing is not taken.
 */

import type { ExecutionChoice } from './execution.ts';
import { CHUNKS } from './execution.ts';
import { layOut, type Layout, type LayoutInputs } from './layout.ts';

/** What the recipe or the caller has decided already. */
export interface Fixed { prepack?: boolean | undefined; recompute: boolean; full: boolean; /** Packed copies are worth their memory (packed-copies.ts). */ worthPacking: boolean }

/** A step must free this share of the plan to be worth its time. */
const WORTH = 0.01;
/** Products of fewer rows than this are slow, so rows are split further only when nothing else is left. */
const EFFICIENT_TOKENS = 512;

type Step = (choice: ExecutionChoice, layout: Layout) => ExecutionChoice | null;

export function firstChoice(fixed: Fixed): ExecutionChoice {
  return { prepack: fixed.prepack ?? fixed.worthPacking, recompute: fixed.recompute ? 'all' : 'auto', rows: null, eval_rows: null, buckets: null, attention_chunk: CHUNKS.attention, head_chunk: CHUNKS.head };
}

/** Bytes of the computer's memory and of a card's (null: not known). `shared`: the card's is the computer's. */
export interface Limits { budget: number; card: number | null; shared: boolean }
/** How full a layout makes what is fullest; above 1 it does not fit. */
export function fullness({ memory, card }: Layout, { budget, card: room, shared }: Limits): number {
  const onCard = card?.total ?? 0;
  return Math.max((memory.total + (shared ? onCard : 0)) / budget, room === null ? 0 : onCard / room);
}

/** The first layout that fits; if none does, the smallest. */
export function chooseLayout(inputs: LayoutInputs, fixed: Fixed, limits: Limits): { layout: Layout; fits: boolean } {
  let layout = layOut(inputs, firstChoice(fixed));
  for (const step of steps(inputs, fixed)) {
    for (;;) {
      if (fullness(layout, limits) <= 1) return { layout, fits: true };
      const next = step(layout.choice, layout);
      if (next === null) break;
      const tried = layOut(inputs, next);
      if (fullness(tried, limits) > fullness(layout, limits) * (1 - WORTH)) break;
      layout = tried;
    }
  }
  return { layout, fits: fullness(layout, limits) <= 1 };
}

/** Cheapest first. Each may be taken again until it says null or frees nothing. */
function steps({ options: { config }, method, evalData, data }: LayoutInputs, fixed: Fixed): Step[] {
  const splits = method.separable?.(config) === true;
  const half = (n: number): number => Math.ceil(n / 2);
  const chunks = (size: number): Step => (c) => (c.attention_chunk <= size && c.head_chunk <= size ? null : { ...c, attention_chunk: Math.min(c.attention_chunk, size), head_chunk: Math.min(c.head_chunk, size) });
  const rows = (least: (longest: number) => number): Step => (c, { buckets }) => {
    const now = Math.min(c.rows ?? config.per_device_train_batch_size, data.sizes.length);
    return splits && now > 1 && now * buckets.at(-1)!.length > least(buckets.at(-1)!.length) ? { ...c, rows: half(now) } : null;
  };
  return [
    (c) => (c.prepack && fixed.prepack === undefined && !fixed.full ? { ...c, prepack: false } : null),
    (c) => {
      const now = Math.min(c.eval_rows ?? config.per_device_eval_batch_size, evalData?.sizes.length ?? 1);
      return evalData !== null && splits && now > 1 ? { ...c, eval_rows: half(now) } : null;
    },
    (c) => (c.recompute === 'auto' ? { ...c, recompute: 'cheap' } : null),
    (c) => (c.recompute === 'auto' || c.recompute === 'cheap' ? { ...c, recompute: 'attention' } : null),
    chunks(128),
    rows(() => EFFICIENT_TOKENS),
    (c, { buckets }) => (buckets.length > 1 ? { ...c, buckets: half(buckets.length) } : null),
    (c) => (c.recompute === 'all' ? null : { ...c, recompute: 'all' }),
    rows(() => 0),
    chunks(64),
  ];
}
