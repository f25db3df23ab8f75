/** What a run will need, worked out from the graph that will run, before any session exists. All of it is an estimate (plan/estimate.ts). */

import { microShapes } from './micro-runs.ts';
import type { MemoryEstimate } from './plan/estimate.ts';
import type { RunSetup } from './setup.ts';

export type { MemoryEstimate } from './plan/estimate.ts';

export interface StepEstimate { memory: MemoryEstimate; /** Per optimiser step, recomputation included; and of it the matrix products. */ gflop: number; matmulGflop: number }

export function planStep(setup: RunSetup): StepEstimate {
  const { options, order, plan: { layout } } = setup;
  const micro = Math.min(options.config.gradient_accumulation_steps, order.batchesPerEpoch) * runsOf(setup);
  return { memory: layout.memory, gflop: (layout.cost.flops * micro) / 1e9, matmulGflop: (layout.cost.matmulFlops * micro) / 1e9 };
}

/** Runs of the compiled step in a micro-batch, on average. */
function runsOf(setup: RunSetup): number {
  if (setup.joined !== null) return setup.joined.runs;
  const batch = setup.order.window(0).batches[0];
  return batch === undefined ? 1 : microShapes(setup, batch).runs;
}
