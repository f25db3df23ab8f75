/** What one compiled graph costs, read off the graph. */

import { byteLength } from '../../graph/dtype.ts';
import type { Graph, Value } from '../../graph/node.ts';
import { matmul4 } from '../../graph/ops/matmul4.ts';
import { countFlops, countMatmulFlops, planMemory } from '../../graph/stats.ts';
import { runtimeOrder } from './runtime-order.ts';

const FLOAT = 4;

export interface GraphCost {
  /** Most bytes of tensors alive at a time in onnxruntime's order, outputs included. */
  peak: number;
  /** The same where outputs are written into memory of the caller's, as gradients are. */
  peakBeside: number;
  /** The largest computed tensor. */
  largest: number;
  outputs: number;
  /** Bytes that are held once while a 4-bit weight is unpacked. */
  unpacking: number;
  /** Frozen weights as they lie in their files; in memory without packed copies, and beside them; and the copies. */
  stored: number;
  weights: number;
  besidePacked: number;
  packed: number;
  /** Of the weights, what is mapped from float32 files and so shared between processes: without, and beside, packed copies. */
  mapped: number;
  mappedBesidePacked: number;
  nodes: number;
  flops: number;
  matmulFlops: number;
}

export function graphCost(graph: Graph): GraphCost {
  const { peak, peakBeside, outputs, prepacked } = planMemory(graph, runtimeOrder(graph));
  return {
    peak, peakBeside, largest: largestTensor(graph), outputs, unpacking: unpacking(graph), stored: graph.weights.reduce((n, w) => n + byteLength(w), 0), weights: residentWeights(graph, false), besidePacked: residentWeights(graph, true), packed: prepacked,
    mapped: mappedWeights(graph, false), mappedBesidePacked: mappedWeights(graph, true),
    nodes: graph.nodes.length, flops: countFlops(graph), matmulFlops: countMatmulFlops(graph),
  };
}

/** Frozen weights and what is made of them alone are not in the arena. */
function largestTensor(graph: Graph): number {
  const fixed = new Set<Value>();
  let most = 0;
  for (const node of graph.nodes) {
    const still = node.inputs.length > 0 && node.inputs.every((v) => fixed.has(v) || v.source?.kind === 'weight' || v.source?.kind === 'constant');
    for (const out of node.outputs) if (still) fixed.add(out); else most = Math.max(most, byteLength(out));
  }
  return most;
}

/** Memory of the largest 4-bit weight while it is unpacked for an input gradient: codes as integers, values twice. */
function unpacking(graph: Graph): number {
  let most = 0;
  for (const node of graph.nodes) if (node.op === matmul4) most = Math.max(most, node.inputs[1]!.shape[0]! * 2 * (2 + 2 * FLOAT));
  return most;
}

/** With packed copies only tensors that something else than a matrix product reads stay in memory beside them; without, all do, 16-bit ones as float32. */
function residentValues(graph: Graph, prepack: boolean): Set<Value> {
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
  return resident;
}

/** What is not in a file is held by us and by the session. */
function residentWeights(graph: Graph, prepack: boolean): number {
  return [...residentValues(graph, prepack)].reduce((n, v) => n + byteLength(v) * (v.source?.kind === 'weight' && v.source.weight.kind === 'data' ? 2 : 1), 0);
}

function mappedWeights(graph: Graph, prepack: boolean): number {
  return [...residentValues(graph, prepack)].reduce((n, v) => n + (v.source?.kind === 'weight' && v.source.weight.kind === 'file' ? byteLength(v) : 0), 0);
}
