/**
 * Memory of a run whose steps are computed on a graphics card: what lies on the card, and what stays in the computer. From the same graphs as the processor's plan (estimate.ts), with the same factors for
 * what an allocator holds beside live tensors. Those were measured on the processor; no card was at hand, so a larger share of the card is kept back.
 */

import { formatBytes } from '../../../../shared/units.ts';
import type { CardMemory, ProviderId } from '../../../../shared/schema/device.ts';
import type { CardPlan } from '../../../../shared/schema/review.ts';
import { estimateMemory, type MemoryEstimate, type Needs, type PlannedProgram } from './estimate.ts';

/** Bytes by purpose. `values`: what is trained, with its moments and gradients where the optimiser runs on the card. */
export interface CardEstimate { weights: number; activations: number; values: number; evaluation: number; generation: number; reference: number; total: number }
/** Of a run on a card: what is known of the card, and whether the optimiser's state lies there too. */
export interface CardInputs { memory: CardMemory | null; resident: boolean; /** Bytes of answers and probes on the card. */ generation: number }

const FLOAT = 4;
/** So much less than what is free is planned with: the driver's own memory, and an estimate that was not compared with a card. */
export const CARD_ERROR = 0.3;
const ARENA_FACTOR = 1.1;
const ARENA_SPARE = 1.5;
/** A resident optimiser: the gradients of a window, and the next values and moments of a part beside the present ones. */
const RESIDENT_COPIES = 2;

/** Optimiser state lies on the device with this provider only: onnxruntime-node has no tensors of the others. */
export const isResident = (device: ProviderId): boolean => device === 'webgpu';

function programOnCard({ cost, share = 1 }: PlannedProgram): { weights: number; activations: number } {
  const peak = cost.outputs + Math.max(0, cost.peak - cost.outputs) * share;
  return { weights: cost.weights, activations: peak * ARENA_FACTOR + cost.largest * share * ARENA_SPARE };
}

/** All of one program. */
export function programBytesOnCard(program: PlannedProgram): number {
  const { weights, activations } = programOnCard(program);
  return weights + activations;
}

export function estimateCard(needs: Needs, { resident, generation }: CardInputs): CardEstimate {
  const whole = (programs: readonly PlannedProgram[]): number => programs.reduce((n, p) => n + programBytesOnCard(p), 0);
  const train = needs.train.map(programOnCard), values = needs.values * FLOAT;
  const parts = {
    weights: train.reduce((n, p) => n + p.weights, 0), activations: train.reduce((n, p) => n + p.activations, 0),
    values: values * (resident ? needs.optimizerCopies + RESIDENT_COPIES : 1),
    evaluation: whole(needs.evaluation), generation, reference: whole(needs.reference),
  };
  const beside = Object.values(parts).reduce((a, b) => a + b, 0);
  return { ...parts, total: Math.max(beside, values + whole(needs.referenceBefore)) };
}

/** The computer's part: the process, the rows, trained values with their optimiser, and the weights once, on their way to the card. */
export function estimateBesideCard(needs: Needs): MemoryEstimate {
  const empty = (p: PlannedProgram, keeps: boolean): PlannedProgram => ({ ...p, packed: false, cost: { ...p.cost, peak: 0, peakBeside: 0, outputs: 0, largest: 0, unpacking: 0, packed: 0, weights: keeps ? p.cost.weights : 0 } });
  const all = (programs: readonly PlannedProgram[], keeps = false): PlannedProgram[] => programs.map((p, i) => empty(p, keeps && i === 0));
  return estimateMemory({ ...needs, train: all(needs.train, true), evaluation: all(needs.evaluation), reference: all(needs.reference), referenceBefore: all(needs.referenceBefore, true) });
}

/** Bytes of the card that a run may take; null where nothing is known and nothing was given. */
export function cardBudget(memory: CardMemory | null): number | null {
  const room = memory?.free ?? memory?.total ?? null;
  const budget = Math.min(room === null ? Infinity : room / (1 + CARD_ERROR), memory?.limit ?? Infinity);
  return Number.isFinite(budget) ? budget : null;
}

const UNKNOWN: CardMemory = { name: null, total: null, free: null, source: null, shared: false, limit: null, cards: 0 };
export function cardPlanOf({ memory, resident }: CardInputs, estimate: CardEstimate): CardPlan {
  const budget = cardBudget(memory);
  return { memory: memory ?? UNKNOWN, ...estimate, resident, budget, fits: budget === null || estimate.total <= budget };
}

const FROM: Record<NonNullable<CardMemory['source']>, string> = { 'nvidia-smi': 'as nvidia-smi says', sysfs: 'as its driver says', unified: 'the share of the computer\'s memory that Metal allows', software: 'the memory of the computer' };
/** One sentence for the review and the log. */
export function cardReason({ memory, total, budget }: CardPlan): string {
  const { name, source, free } = memory, need = `The graphics card needs about ${formatBytes(total)}`;
  if (budget === null) return `${need}; how much it has is not known here, so nothing is planned to fit it. Settings can tell (device_memory_gb).`;
  if (source === null || memory.total === null) return `${need} of the ${formatBytes(budget)} that the settings allow (device_memory_gb); how much it has is not known here.`;
  const has = free === null ? formatBytes(memory.total) : `${formatBytes(free)} free of ${formatBytes(memory.total)}`;
  return `${need} of the ${formatBytes(budget)} that a run may take (${name === null ? '' : `${name}: `}${has}, ${FROM[source]}).`;
}
