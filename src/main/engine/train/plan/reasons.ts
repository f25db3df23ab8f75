/** What will happen in a run for the sake of memory, and why: one sentence each. */

import { formatBytes } from '../../../../shared/units.ts';
import type { Layout } from './layout.ts';
import { CHUNKS } from './execution.ts';

/** `frozen`: has frozen weights that could be packed; `worthPacking`: and would be, with room; `asked`: the recipe asks for recomputation; `batch`: rows of a batch; `evalBatch`: of an evaluation batch, null without held-out rows. */
export interface Told { frozen: boolean; worthPacking: boolean; asked: boolean; batch: number; evalBatch: number | null; budget: number }

export function reasonsOf({ choice, memory, cost, buckets, again }: Layout, { frozen, worthPacking, asked, batch, evalBatch, budget }: Told): string[] {
  const list: string[] = [];
  const say = (when: boolean, text: string): void => { if (when) list.push(text); };
  const limit = formatBytes(budget);
  say(frozen && choice.prepack && cost.packed > 0, `Packed copies of the frozen weights (${formatBytes(memory.prepacked)}) are kept, because they fit and make steps faster.`);
  say(frozen && worthPacking && !choice.prepack && cost.packed > 0, `No packed copies of the frozen weights are kept: with them (${formatBytes(cost.packed)}) the plan would not fit into ${limit}, and steps are only a little slower without.`);
  say(choice.rows !== null && choice.rows < batch, `Batches of ${batch} rows are computed ${choice.rows} at a time to fit into ${limit}; loss and gradient are those of the whole batch.`);
  say(evalBatch !== null && choice.eval_rows !== null && choice.eval_rows < (evalBatch ?? 0), `Held-out rows are scored ${choice.eval_rows} at a time instead of ${evalBatch} to fit into ${limit}; the scores are the same.`);
  say(choice.recompute === 'all' && asked, 'The recipe asks to compute the activations of every layer again in the backward pass: less memory for about a third more work.');
  say(choice.recompute === 'all' && !asked, `The activations of every layer are computed again in the backward pass, because keeping them does not fit into ${limit}: about a third more work.`);
  say(choice.recompute === 'cheap', `Cheap activations (norms, activation functions) are computed again in the backward pass to fit into ${limit}: one or two percent more time.`);
  say(choice.recompute === 'attention', `Attention probabilities and cheap activations are computed again in the backward pass to fit into ${limit}: a few percent more time.`);
  say(choice.attention_chunk < CHUNKS.attention, `Attention and output head work on ${choice.attention_chunk} rows at a time instead of ${CHUNKS.attention} to fit into ${limit}.`);
  say(choice.buckets !== null, `Programs are compiled for ${buckets.length} row lengths only, because each one has memory of its own; shorter rows are padded.`);
  const given = list.length - (frozen && choice.prepack && cost.packed > 0 ? 1 : 0);
  say(given === 0, again === 'attention' ? 'Everything fits as the recipe asks. Attention probabilities of rows this long are computed again in the backward pass: much less memory for a few percent more time.'
    : 'Everything fits as the recipe asks: nothing is split or computed twice for the sake of memory.');
  const mapped = choice.prepack ? cost.mappedBesidePacked : cost.mapped;
  say(mapped > 0, `${formatBytes(mapped)} of frozen weights are read in place from the model's file: other engines on the same model share that memory.`);
  return list;
}
