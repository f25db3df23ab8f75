/**
 * The two programs of generation, made from the same layer code as training. `prefill` reads whole prompts and returns keys and values; `decode` reads one
 * token per sequence against a cache. The cache is fed as it lies in memory and never copied: scores against the cache and against the new token are made
 * apart and joined (they are small), and only the new keys and values come back.
 */

import { attention, logSumExp } from '../graph/fn/index.ts';
import { Graph } from '../graph/node.ts';
import type { Value } from '../graph/node.ts';
import * as o from '../graph/ops/index.ts';
import { forInference, optimize } from '../graph/passes/index.ts';
import type { AttentionHeads, ForwardContext } from '../models/family.ts';
import { capLogits } from '../models/head.ts';
import { rowContext } from '../models/row-context.ts';
import { MASKED, cacheShape } from './kv-cache.ts';
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
    attention: (layer, h, { scale, window, softcap }) => { state.push([`k.${layer}`, h.k], [`v.${layer}`, h.v]); return attention({ ...h, scale, window, softcap, causal: true, chunk: 128 }); },
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

/**
 * Inputs ids, positions int32 [B, 1], mask [B, slots + 1] (added to scores; the last column is the token itself), and the state as prefill gives it, with
 * `slots` keys: a row's keys lie in the order of their positions from slot 0 on. Outputs `fresh` [2 attention layers, B, kvHeads, headDim] and, of models
 * with short convolutions, `fresh_conv` [convolution layers, B, channels].
 */
export function decodeGraph(source: GenerationSource, batch: number, slots: number): Graph {
  const graph = new Graph();
  const { family, config } = source.model;
  const { kvHeads, headDim, heads: queryHeads } = config;
  const shape = cacheShape(config);
  const ids = graph.input('ids', [batch, 1], 'int32');
  const positions = graph.input('positions', [batch, 1], 'int32');
  const mask = windowMasks(graph, positions, graph.input('mask', [batch, slots + 1]));
  const kept: AttentionHeads[] = [];
  const inputs: Value[] = [];
  const n = batch * kvHeads;
  const group = queryHeads / kvHeads;
  const { head, ...weights } = weightValues(graph, source);
  const ctx: ForwardContext = {
    graph, ...weights, maxPositions: slots + 1,
    attention: (layer, h, { scale, window, softcap }) => {
      kept.push(h);
      const past = (name: string): Value => o.reshape(graph.input(`${name}.${layer}`, [batch, kvHeads, slots, headDim]), [n, slots, headDim]);
      const q = o.reshape(h.q, [n, group, headDim]);
      const alpha = scale / (softcap ?? 1);
      const old = o.matmul(q, past('k'), { transB: true, alpha });
      const own = o.matmul(q, o.reshape(h.k, [n, 1, headDim]), { transB: true, alpha });
      const scores = o.reshape(o.concat([old, own], 2), [batch, queryHeads, 1, slots + 1]);
      const p = o.reshape(o.softmax(o.add(softcap === null ? scores : o.mul(o.tanh(scores), softcap), mask(window))), [n, group, slots + 1]);
      const mixed = o.add(o.matmul(o.slice(p, 2, 0, slots), past('v')), o.mul(o.slice(p, 2, slots, slots + 1), o.reshape(h.v, [n, 1, headDim])));
      return o.reshape(mixed, [batch, queryHeads, 1, headDim]);
    },
    before: (layer, x, steps) => {
      inputs.push(x);
      const state = graph.input(`conv.${layer}`, [batch, steps, x.shape[1]!]);
      return Array.from({ length: steps }, (_, i) => o.reshape(o.slice(state, 1, steps - 1 - i, steps - i), x.shape));
    },
    sequenceLengths: () => o.add(positions, graph.constant(Int32Array.of(1), [1, 1], 'int32')),
  };
  heads(graph, source, head(), family.hidden(ctx, config, { ids, positions }));
  if (kept.length !== shape.attention.length || inputs.length !== shape.conv.length) throw new RangeError(`the family kept the state of ${kept.length} + ${inputs.length} layers, its config says ${shape.attention.length} + ${shape.conv.length}`);
  if (kept.length > 0) graph.output('fresh', o.concat(kept.flatMap(h => [h.k, h.v].map(x => o.reshape(x, [1, batch, kvHeads, headDim]))), 0));
  if (inputs.length > 0) graph.output('fresh_conv', o.concat(inputs.map(x => o.reshape(x, [1, batch, shape.channels])), 0));
  return forInference(optimize(graph));
}

/** The mask [B, slots + 1] as scores [B, heads, 1, slots + 1] need it, and the same with the keys outside a window hidden. */
function windowMasks(graph: Graph, positions: Value, mask: Value): (window: number | null) => Value {
  const [batch, columns] = mask.shape as [number, number];
  const made = new Map<number | null, Value>([[null, o.reshape(mask, [batch, 1, 1, columns])]]);
  return window => {
    const known = made.get(window);
    if (known) return known;
    const int = (data: Int32Array): Value => graph.constant(data, [1, data.length], 'int32');
    // Slot s holds position s. The token's own column stands last and is always near.
    const near = o.greater(int(Int32Array.from({ length: columns }, (_, s) => (s === columns - 1 ? 0x7fffffff : s))), o.sub(positions, int(Int32Array.of(window!))));
    const hidden = o.reshape(o.where(near, mask, MASKED), [batch, 1, 1, columns]);
    made.set(window, hidden);
    return hidden;
  };
}
