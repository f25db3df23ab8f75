/** The plan of a run: how it will be computed, what memory that needs, and whether it may be taken. */

import type { LoadedModel } from '../load.ts';
import { loadModel } from '../load.ts';
import type { EngineMethod } from '../../methods/method.ts';
import type { TrainOptions } from '../options.ts';
import { ProgramPool, type PoolOptions } from '../program-pool.ts';
import type { CardPlan } from '../../../../shared/schema/review.ts';
import { precomputes } from '../reference.ts';
import { keepsPrevious } from '../run-state.ts';
import type { Trainables } from '../trainables.ts';
import { budgetOf, freeMemory } from './budget.ts';
import { cardBudget, cardPlanOf, cardReason, isResident } from './card-memory.ts';
import { chooseLayout, firstChoice, fullness, type Limits } from './choose.ts';
import type { ExecutionLayout } from './execution.ts';
import { worthPacking } from './packed-copies.ts';
import { layOut, type Layout, type LayoutInputs } from './layout.ts';
import { reasonsOf } from './reasons.ts';

export interface RunPlan { layout: Layout; /** Bytes that are free, and that the run may take. */ free: number; budget: number; fits: boolean; /** What happens for the sake of memory, and why. */ reasons: string[]; /** Of a run on a graphics card. */ card?: CardPlan }

export interface RunPlanInputs extends Pick<LayoutInputs, 'options' | 'method' | 'data' | 'evalData' | 'batches' | 'bucketLimit' | 'overhead'> {
  loaded: LoadedModel;
  /** Optimiser steps of the whole run. */
  steps: number;
  /** How an earlier part of the run was computed: kept as it was. */
  saved: { prepack: boolean; layout?: ExecutionLayout | undefined } | null;
  pool: Omit<PoolOptions, 'prepack' | 'recompute' | 'chunks'>;
  /** This process will be the run's: what it holds is part of the plan. */
  own: boolean;
}

const NOTHING: Trainables = { kind: 'full', ranges: [], groups: [], length: 0 };

export function planLayout(inputs: RunPlanInputs): RunPlan {
  const { options, loaded, method, saved, own } = inputs;
  const { config } = options;
  const free = options.freeMemory ?? freeMemory({ own });
  const budget = budgetOf(free, options.memoryLimit ?? null);
  const device = options.device ?? 'cpu', onCpu = device === 'cpu', memory = options.cardMemory ?? null;
  const limits: Limits = { budget, card: onCpu ? null : cardBudget(memory), shared: !onCpu && memory?.shared === true };
  const wanted = method.reference?.(config) === true;
  const layoutInputs: LayoutInputs = {
    ...inputs, hiddenSize: loaded.model.config.hiddenSize,
    pool: (c) => new ProgramPool({ ...inputs.pool, prepack: c.prepack, recompute: c.recompute, chunks: { attention: c.attention_chunk, head: c.head_chunk } }),
    reference: wanted ? { precomputed: precomputes(config) } : null, otherReference: wanted ? otherModel(options, method) : null,
    values: loaded.trainables.length, optimizerCopies: keepsPrevious(loaded.trainables.length) ? 6 : 3, referenceCopies: wanted ? 1 : 0,
    card: onCpu ? null : { memory, resident: isResident(device) && options.optimiser !== 'host', generation: options.besideCardBytes ?? 0 },
  };
  // Packed copies are the processor's.
  const fixed = { prepack: onCpu ? options.prepack ?? saved?.prepack : false, recompute: config.gradient_checkpointing, full: loaded.trainables.kind === 'full', worthPacking: worthPacking(loaded, inputs.pool.spec.int8 !== undefined, inputs.steps) };
  const { layout, fits } = saved === null ? chooseLayout(layoutInputs, fixed, limits) : kept(layoutInputs, fixed, saved.layout, limits);
  const card = layout.card === null || layoutInputs.card === null ? null : cardPlanOf(layoutInputs.card, layout.card);
  const told = card === null ? layout : { ...layout, cost: { ...layout.cost, mapped: 0, mappedBesidePacked: 0 } };
  const reasons = reasonsOf(told, { frozen: onCpu && !fixed.full && options.prepack === undefined, worthPacking: fixed.worthPacking, asked: fixed.recompute, batch: Math.min(config.per_device_train_batch_size, inputs.data.sizes.length), evalBatch: inputs.evalData === null ? null : Math.min(config.per_device_eval_batch_size, inputs.evalData.sizes.length), budget: limits.card ?? budget });
  return { layout, free, budget, fits, ...(card === null ? { reasons } : { reasons: [cardReason(card), ...reasons], card }) };
}

function kept(inputs: LayoutInputs, fixed: Parameters<typeof firstChoice>[0], saved: ExecutionLayout | undefined, limits: Limits): { layout: Layout; fits: boolean } {
  const layout = layOut(inputs, { ...firstChoice(fixed), ...saved });
  return { layout, fits: fullness(layout, limits) <= 1 };
}

/** Costs of another model's reference: as if none of it were fed (reference.ts). */
function otherModel(options: TrainOptions, method: EngineMethod): LayoutInputs['otherReference'] {
  const other = options.reference ?? null;
  if (other === null) return null;
  const { model, weights } = loadModel({ modelFolder: other.modelFolder, start: other.start, adapter: null });
  const pool = new ProgramPool({ spec: { model, weights, trainables: NOTHING, method, config: options.config }, threads: options.threads, prepack: false, recompute: false });
  return (shape) => pool.cost('reference', shape);
}
