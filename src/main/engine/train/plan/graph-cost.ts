/** What one compiled graph costs, read off the graph. */

import { byteLength } from '../../graph/dtype.ts';
import type { Graph, Value } from '../../graph/node.ts';
import { matmul4 } from '../../graph/ops/matmul4.ts';
import { countFlops, countMatmulFlops, planMemory } from '../../graph/stats.ts';

const FLOAT = 4;

export interface GraphCost {
  /** Most bytes of tensors alive at a time, outputs included. */
  peak: number;
  outputs: number;
  /** Bytes that are held once while a 4-bit weight is unpacked. */
  unpacking: number;
  /** Frozen weights as they lie in their files; in memory without packed copies, and beside them; and the copies. */
  stored: number;
  weights: number;
  besidePacked: number;
  packed: number;
  nodes: number;
  flops: number;
  matmulFlops: number;
}

export function graphCost(graph: Graph): GraphCost {
  const { peak, outputs, prepacked } = planMemory(graph);
  return {
    peak, outputs, unpacking: unpacking(graph), stored: graph.weights.reduce((n, w) => n + byteLength(w), 0), weights: residentWeights(graph, false), besidePacked: residentWeights(graph, true), packed: prepacked,
    nodes: graph.nodes.length, flops: countFlops(graph), matmulFlops: countMatmulFlops(graph),
  };
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
