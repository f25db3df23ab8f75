/**
 * The two programs of generation, made from the same layer code as training. `prefill` reads whole prompts and returns keys and values; `decode` reads one
 * token per sequence against a cache. The cache is fed as it lies in memory, and only the new keys and values come back.
 */

import { attention as causalAttention, logSumExp } from '../graph/fn/index.ts';
import { Graph } from '../graph/node.ts';
import type { Value } from '../graph/node.ts';
import * as o from '../graph/ops/index.ts';
import { forInference, optimize } from '../graph/passes/index.ts';
import type { ForwardContext } from '../models/family.ts';
import { capLogits } from '../models/head.ts';
import { rowContext } from '../models/row-context.ts';
import { apart, groupable, grouped } from './decode-attention.ts';
import { cacheShape } from './kv-cache.ts';
import { weightValues, type GenerationSource } from './live-weights.ts';

/** logits [B, V], lse [B], token [B] (the largest logit) and its logprob [B]. */
function heads(graph: Graph, source: GenerationSource, head: Value, hidden: Value): void {
  const logits = capLogits(source.model.config, o.matmul(hidden, head, { transB: true }));
  const lse = logSumExp(logits);
  graph.output('logits', logits);
  graph.output('lse', lse);
  graph.output('token', o.argmax(logits, -1));
  graph.output('logprob', o.sub(o.reduceMax(logits, [-1]), lse));
}

/**
 * Inputs ids, positions int32 [B, T] (right-padded) and last int32 [B], the flat slot of each prompt's last token. Outputs besides the heads, for each
 * layer i as its mixer has them: k.i and v.i [B, kvHeads, T, headDim], or conv.i [B, steps, channels], the convolution's last inputs, oldest first.
 */
export function prefillGraph(source: GenerationSource, batch: number, length: number): Graph {
  const graph = new Graph();
  const { family, config } = source.model;
  const ids = graph.input('ids', [batch, length], 'int32');
  const positions = graph.input('positions', [batch, length], 'int32');
  const last = graph.input('last', [batch], 'int32');
  const int = (data: number[], shape: number[]): Value => graph.constant(Int32Array.from(data), shape, 'int32');
  const rows = Array.from({ length: batch }, (_, b) => b);
  const lengths = o.reshape(o.sub(last, int(rows.map(b => b * length - 1), [batch])), [batch, 1]);
  const { head, ...weights } = weightValues(graph, source);
  const plain = rowContext(graph, weights.parameter, { batch, length, lengths }, weights.linear);
  const state: [string, Value][] = [];
  const ctx: ForwardContext = {
    ...plain,
    attention: (layer, h, { scale, window, softcap }) => { state.push([`k.${layer}`, h.k], [`v.${layer}`, h.v]); return causalAttention({ ...h, scale, window, softcap, causal: true, chunk: 128 }); },
    before: (layer, x, steps) => {
      const padded = o.reshape(o.pad(o.reshape(x, [batch, length, -1]), 1, steps, 0), [batch * (length + steps), -1]);
      const slots = int(rows.flatMap(b => Array.from({ length: steps }, (_, j) => b * steps + 1 + j)), [batch, steps]);
      state.push([`conv.${layer}`, o.gather(padded, o.add(o.reshape(last, [batch, 1]), slots))]);
      return plain.before(layer, x, steps);
    },
  };
  const hidden = family.hidden(ctx, config, { ids, positions });
  heads(graph, source, head(), o.gather(hidden, last));
  for (const [name, value] of state) graph.output(name, value);
  return forInference(optimize(graph));
}

/** How the new token meets the cache: see decode-attention. `packed`: grouped, and queries, keys and values are one product. */
export type DecodeForm = 'apart' | 'grouped' | 'packed';

/**
 * Inputs ids, positions int32 [B, 1], in the form `apart` mask [B, slots + 1] (added to scores; the last column is the token itself), and the state as prefill gives it,
 * with `slots` keys: a row's keys lie in the order of their positions from slot 0 on. Outputs `fresh` [2, B, attention layers, kvHeads, headDim] and, of models
 * with short convolutions, `fresh_conv` [convolution layers, B, channels].
 */
export function decodeGraph(source: GenerationSource, batch: number, slots: number, form: DecodeForm = 'apart'): Graph {
  const graph = new Graph();
  const { family, config } = source.model;
  const shape = cacheShape(config);
  const ids = graph.input('ids', [batch, 1], 'int32');
  const positions = graph.input('positions', [batch, 1], 'int32');
  const cache = { graph, config, positions, batch, slots };
  const attention = form === 'apart' || !groupable(config) ? apart(cache, graph.input('mask', [batch, slots + 1])) : grouped(cache, form === 'packed');
  let layers = 0;
  const inputs: Value[] = [];
  const { head, ...weights } = weightValues(graph, source);
  const ctx: ForwardContext = {
    graph, ...weights, maxPositions: slots + 1,
    attention: (layer, heads, options) => { layers++; return attention.attend(layer, heads, options); },
    before: (layer, x, steps) => {
      inputs.push(x);
      const state = graph.input(`conv.${layer}`, [batch, steps, x.shape[1]!]);
      return Array.from({ length: steps }, (_, i) => o.reshape(o.slice(state, 1, steps - 1 - i, steps - i), x.shape));
    },
    sequenceLengths: () => o.add(positions, graph.constant(Int32Array.of(1), [1, 1], 'int32')),
  };
  heads(graph, source, head(), family.hidden(ctx, config, { ids, positions }));
  if (layers !== shape.attention.length || inputs.length !== shape.conv.length) throw new RangeError(`the family kept the state of ${layers} + ${inputs.length} layers, its config says ${shape.attention.length} + ${shape.conv.length}`);
  if (layers > 0) graph.output('fresh', attention.fresh());
  if (inputs.length > 0) graph.output('fresh_conv', o.concat(inputs.map(x => o.reshape(x, [1, batch, shape.channels])), 0));
  return forInference(optimize(graph));
}
