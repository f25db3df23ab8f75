/** What a run will need, worked out from the graph that will run, before any session exists. All of it is an estimate: the factors below were measured on Linux with onnxruntime 1.30 (bench/lora-135m.ts). */

import { byteLength } from '../graph/dtype.ts';
import type { Graph, Value } from '../graph/node.ts';
import { matmul4 } from '../graph/ops/matmul4.ts';
import { countFlops, countMatmulFlops, planMemory } from '../graph/stats.ts';
import type { RunSetup } from './setup.ts';

/** Bytes by purpose. */
export interface MemoryEstimate { weights: number; prepacked: number; activations: number; gradients: number; optimizer: number; runtime: number; total: number }
export interface StepEstimate { memory: MemoryEstimate; /** Per optimiser step, recomputation included; and of it the matrix products. */ gflop: number; matmulGflop: number }

const FLOAT = 4;
/** An engine process before it has loaded anything. */
const PROCESS_BYTES = 110e6;
/** What a session keeps per graph node. */
const NODE_BYTES = 8500;
/** The executor's arena holds more than the live tensors: it does not follow the ideal order and rounds sizes. */
const ARENA_FACTOR = 1.25;
const ARENA_BASE = 60e6;

export function planStep(setup: RunSetup): StepEstimate {
  const { buckets, pool, options, state, loaded, order, batchRows } = setup;
  const graph = pool.graph('train', { rows: batchRows, ...buckets.at(-1)! });
  const plan = planMemory(graph);
  const prepack = pool.prepack;
  const values = loaded.trainables.length * FLOAT;
  const parts = {
    weights: residentWeights(graph, prepack),
    prepacked: prepack ? plan.prepacked : 0,
    activations: plan.peak * ARENA_FACTOR + ARENA_BASE + unpacking(graph),
    // The sum over micro-batches, and the copies that two runs hand out before the first is collected.
    gradients: values * 3,
    // Values and two moments; twice where the last good step is kept.
    optimizer: values * (state.previous === null ? 3 : 6),
    runtime: PROCESS_BYTES + graph.nodes.length * NODE_BYTES,
  };
  const total = Object.values(parts).reduce((a, b) => a + b, 0);
  const micro = Math.min(options.config.gradient_accumulation_steps, order.batchesPerEpoch);
  return { memory: { ...parts, total }, gflop: (countFlops(graph) * micro) / 1e9, matmulGflop: (countMatmulFlops(graph) * micro) / 1e9 };
}

/** Memory of the largest 4-bit weight while it is unpacked for an input gradient: codes as integers, values twice. */
function unpacking(graph: Graph): number {
  let most = 0;
  for (const node of graph.nodes) if (node.op === matmul4) most = Math.max(most, node.inputs[1]!.shape[0]! * 2 * (2 + 2 * FLOAT));
  return most;
}

/** With packed copies only tensors that something else than a matrix product reads stay in memory beside them; without, all do, 16-bit ones as float32. */
function residentWeights(graph: Graph, prepack: boolean): number {
  const stored = new Map<Value, Value>();
  for (const weight of graph.weights) stored.set(weight, weight);
  for (const node of graph.nodes) if (node.op.name === 'cast' && stored.has(node.inputs[0]!)) stored.set(node.outputs[0]!, node.inputs[0]!);
  const resident = new Set<Value>();
  for (const node of graph.nodes) {
    const product = node.op.name === 'matmul' || node.op.name === 'gemm';
    node.inputs.forEach((input, i) => {
      if (stored.has(input) && node.op.name !== 'cast' && !(prepack && product && i === 1)) resident.add(input);
    });
  }
  // What is not in a file is held by us and by the session.
  return [...resident].reduce((n, v) => n + byteLength(v) * (v.source?.kind === 'weight' && v.source.weight.kind === 'data' ? 2 : 1), 0);
}
