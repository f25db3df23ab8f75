/** Memory of a run by purpose, from the graphs that will run. All of it is an estimate; the factors are named with their source and were measured on Linux with onnxruntime 1.30 (bench/plan.ts, docs/decisions/0016-memory.md). */

import type { GraphCost } from './graph-cost.ts';

/** Bytes by purpose. `total` is the peak. */
export interface MemoryEstimate {
  /** Frozen weights of the training programs, as the executor holds them; and their packed copies. */
  weights: number; prepacked: number;
  activations: number; gradients: number; optimizer: number;
  /** Programs that score held-out rows; that answer prompts while training, with their KV cache; that compute the reference. */
  evaluation: number; generation: number; reference: number;
  /** Node, the compiled graphs, and the rows. */
  runtime: number;
  total: number;
}

/** A compiled program with room of its own. `share`: how long its rows are beside those of the graph that was looked at. */
export interface PlannedProgram { cost: GraphCost; packed: boolean; share?: number }

export interface Needs {
  train: readonly PlannedProgram[];
  evaluation: readonly PlannedProgram[];
  /** Kept beside training; and let go before it. */
  reference: readonly PlannedProgram[];
  referenceBefore: readonly PlannedProgram[];
  /** Numbers that are trained; copies of them that the optimiser holds; copies that a reference holds. */
  values: number; optimizerCopies: number; referenceCopies: number;
  /** Bytes of generation and probes. */
  generation: number;
  /** Tokens of all rows, and rows. */
  tokens: number; rows: number;
}

const FLOAT = 4;
/** An engine process before it has loaded anything: Node, onnxruntime's library, the modules. */
const PROCESS_BYTES = 110e6;
/** What a session keeps per graph node: its own nodes and kernels, and what building them leaves in the heap. */
const NODE_BYTES = 8500;
/** onnxruntime's arena holds more than the live tensors, even in its own order of nodes: a free chunk is given whole to a tensor of down to half its size. Fitted to 17 measured runs (bench/results/plan.jsonl): a tenth, and one and a half tensors of the largest size. */
const ARENA_FACTOR = 1.1;
const ARENA_SPARE = 1.5;
/** The arena's first regions and the pools of a session. */
const ARENA_BASE = 60e6;
/** Copies of the gradients: their sum, which the first run of a window writes itself, and what a run hands out (the binding copies every output, also one that was written elsewhere). */
const GRADIENT_COPIES = 2;
/** A row's ids (4), mask (1) and what JavaScript keeps for the two arrays. */
const TOKEN_BYTES = 5;
const ROW_BYTES = 400;

interface SessionBytes { weights: number; prepacked: number; arena: number; nodes: number }

/** Weights are there in every program; of the tensors, what grows with the length of the rows is there by its share. Gradients are not in it: they have memory of their own. */
function sessionBytes({ cost, packed, share = 1 }: PlannedProgram): SessionBytes {
  const peak = cost.peakBeside * share;
  return { weights: packed ? cost.besidePacked : cost.weights, prepacked: packed ? cost.packed : 0, arena: peak * ARENA_FACTOR + cost.largest * share * ARENA_SPARE + ARENA_BASE + cost.unpacking, nodes: cost.nodes * NODE_BYTES };
}

/** All of one program. */
export function programBytes(program: PlannedProgram): number {
  const { weights, prepacked, arena, nodes } = sessionBytes(program);
  return weights + prepacked + arena + nodes;
}

export function estimateMemory(needs: Needs): MemoryEstimate {
  const sum = (programs: readonly PlannedProgram[], of: (s: SessionBytes) => number): number => programs.reduce((n, p) => n + of(sessionBytes(p)), 0);
  const whole = (programs: readonly PlannedProgram[]): number => programs.reduce((n, p) => n + programBytes(p), 0);
  const values = needs.values * FLOAT;
  const parts = {
    weights: sum(needs.train, (s) => s.weights), prepacked: sum(needs.train, (s) => s.prepacked), activations: sum(needs.train, (s) => s.arena),
    gradients: values * GRADIENT_COPIES, optimizer: values * needs.optimizerCopies,
    evaluation: whole(needs.evaluation), generation: needs.generation, reference: whole(needs.reference) + values * needs.referenceCopies,
    runtime: PROCESS_BYTES + sum(needs.train, (s) => s.nodes) + needs.tokens * TOKEN_BYTES + needs.rows * ROW_BYTES,
  };
  const beside = Object.values(parts).reduce((a, b) => a + b, 0);
  // Scored ahead, the reference has gone before the first step.
  const before = PROCESS_BYTES + parts.optimizer + whole(needs.referenceBefore);
  return { ...parts, total: Math.max(beside, before) };
}
