/**
 * The order in which onnxruntime runs the nodes of a graph: a depth-first walk backwards from the nodes that nothing reads, the last of them first, at each node the input made last first
 * (how its default order is made, as far as its documentation and measured memory tell: plans in this order come nearer to what is measured than plans in ours). What decides memory is when a tensor's last reader runs, so the plan must walk in this order and not in ours.
 */

import type { Graph, Node } from '../../graph/node.ts';

export function runtimeOrder(graph: Graph): Node[] {
  const index = new Map(graph.nodes.map((n, i) => [n, i]));
  const read = new Set<Node>();
  for (const node of graph.nodes) for (const v of node.inputs) if (v.node) read.add(v.node);
  const stack: { node: Node; leave: boolean }[] = graph.nodes.filter((n) => !read.has(n)).map((node) => ({ node, leave: false }));
  const visited = new Set<Node>();
  const order: Node[] = [];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, leave } = top;
    if (leave) { order.push(node); continue; }
    if (visited.has(node)) continue;
    visited.add(node);
    stack.push({ node, leave: true });
    const makers = [...new Set(node.inputs.flatMap((v) => v.node ?? []))].sort((a, b) => index.get(a)! - index.get(b)!);
    for (const maker of makers) if (!visited.has(maker)) stack.push({ node: maker, leave: false });
  }
  return order;
}
