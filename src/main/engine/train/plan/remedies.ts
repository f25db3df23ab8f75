/** What would make a run fit that does not: small changes of the recipe, each planned in full. The first change the result least. */

import { loraAdapter } from '../../../../shared/schema/recipe.ts';
import { AnnealError } from '../../../../shared/errors.ts';
import { formatBytes } from '../../../../shared/units.ts';
import type { Remedy } from '../../../../shared/schema/review.ts';
import { engineMethod } from '../../methods/index.ts';
import { loadModel } from '../load.ts';
import type { TrainOptions } from '../options.ts';
import { prepareRun, type RunPlan } from '../setup.ts';

const MOST = 3;
/** No remedy shortens rows below this. */
const SHORTEST = 16;

interface Change { text: string; options: TrainOptions }
type Way = (options: TrainOptions) => Change[];

/** A list is one way with several strengths: the weakest that fits is offered. */
const WAYS: readonly Way[] = [
  (o) => ('precompute_ref_log_probs' in o.config && o.config.precompute_ref_log_probs === false && 'sync_ref_model' in o.config && o.config.sync_ref_model !== true ? [changed(o, { precompute_ref_log_probs: true }, 'precompute_ref_log_probs on')] : []),
  // Where a batch can be computed in parts it is, without being asked.
  (o) => (engineMethod(o.method).separable?.(o.config) === true ? [] : halves(o.config.per_device_train_batch_size, 1)).map((rows) => {
    const accumulated = Math.ceil((o.config.per_device_train_batch_size * o.config.gradient_accumulation_steps) / rows);
    return changed(o, { per_device_train_batch_size: rows, gradient_accumulation_steps: accumulated }, `per_device_train_batch_size ${rows} with gradient_accumulation_steps ${accumulated}`);
  }),
  (o) => ((o.besideBytes ?? 0) + (o.besideCardBytes ?? 0) > 0 ? [{ text: 'no answers to prompts while training', options: { ...o, besideBytes: 0, besideCardBytes: 0 } }] : []),
  (o) => (o.adapter !== null && !o.adapter.load_in_4bit ? [{ text: 'load_in_4bit on', options: { ...o, adapter: { ...o.adapter, load_in_4bit: true } } }] : []),
  (o) => halves(longestRow(o), SHORTEST).map((length) => changed(o, { max_length: length }, `max_length ${length}`)),
  (o) => (o.adapter === null ? [{ text: 'a LoRA adapter instead of all weights', options: { ...o, adapter: loraAdapter.parse({}), config: { ...o.config, freeze: [] } } }] : []),
];

function changed(options: TrainOptions, changes: Record<string, unknown>, text: string): Change {
  return { text, options: { ...options, config: { ...options.config, ...changes } } };
}

function halves(from: number, to: number): number[] {
  const list: number[] = [];
  for (let n = from >> 1; n >= to; n >>= 1) list.push(n);
  return list;
}

function longestRow({ rows, config }: TrainOptions): number {
  const longest = rows.reduce((n, r) => Math.max(n, 'ids' in r ? r.ids.length : Math.max(...r.completions.map((c) => c.ids.length))), 1);
  return Math.min(config.max_length, longest);
}

/** At most three. Those that fit stand first; where one change is not enough, changes are taken together. `free`: as in the plan that does not fit. */
export function remediesFor(options: TrainOptions, plan: Pick<RunPlan, 'free'>): Remedy[] {
  const tried = WAYS.flatMap((way) => weakest(way(options), plan.free) ?? []);
  const fitting = tried.filter((t) => t.remedy.fits);
  if (fitting.length > 0) return fitting.map((t) => t.remedy).slice(0, MOST);
  const together: Remedy[] = [];
  let change: Change | null = null;
  for (const way of WAYS) {
    const next = weakest(way(change?.options ?? options), plan.free);
    if (next === null) continue;
    const text: string = change === null ? next.remedy.text : `${change.text}, ${next.remedy.text}`;
    change = { text, options: next.change.options };
    together.unshift({ ...next.remedy, text });
    if (next.remedy.fits) break;
  }
  return [...together.slice(0, 1), ...tried.map((t) => t.remedy).toSorted((a, b) => a.total - b.total)].filter((r, i, all) => all.findIndex((x) => x.text === r.text) === i).slice(0, MOST);
}

/** The first change that fits, or the last one; null where there is none that can be planned. */
function weakest(changes: readonly Change[], free: number): { change: Change; remedy: Remedy } | null {
  let last: { change: Change; remedy: Remedy } | null = null;
  for (const change of changes) {
    try {
      const plan = prepareRun({ ...change.options, resume: null, freeMemory: free }, loadModel(change.options), { values: false }).plan, { fits } = plan;
      last = { change, remedy: { text: change.text, total: short(plan).total, fits } };
      if (fits) break;
    } catch (e) {
      // A change that this model or these rows do not allow (4 bit, rows that would all be too long) is no remedy.
      if (!(e instanceof AnnealError)) throw e;
    }
  }
  return last;
}

/** Throws `memory-exceeded` for a plan that does not fit, with what would. */
export function refuseTooLarge(options: TrainOptions, plan: RunPlan): void {
  if (plan.fits) return;
  const ways = remediesFor(options, plan), { total, budget, of } = short(plan);
  const help = ways.length === 0 ? 'Take a smaller model, or free memory.' : `What helps: ${ways.map((w) => (w.fits ? `${w.text} (about ${formatBytes(w.total)})` : `${w.text} (about ${formatBytes(w.total)}, still too much)`)).join('; ')}.`;
  throw new AnnealError('memory-exceeded', `The run needs about ${formatBytes(total)} of ${of} at the least, but may use ${formatBytes(budget)}. ${help}`, { planned: Math.round(total), budget: Math.round(budget) });
}

/** The memory that is the tighter one: the computer's, or the card's. */
function short({ layout, budget, card }: RunPlan): { total: number; budget: number; of: string } {
  const shared = card?.memory.shared === true ? card.total : 0, own = { total: layout.memory.total + shared, budget, of: 'memory' };
  if (card === undefined || card.budget === null || card.total / card.budget < own.total / budget) return own;
  return { total: card.total, budget: card.budget, of: 'the graphics card\'s memory' };
}
