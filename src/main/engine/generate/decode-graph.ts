/**
 * The two programs of generation, made from the same layer code as training. `prefill` reads whole prompts and returns keys and values; `decode` reads one
 * token per sequence against a cache. The cache is fed as it lies in memory and never copied: scores against the cache and against the new token are made
 * apart and joined (they are small), and only the new keys and values come back.
 */

import { attention, linear, logSumExp } from '../graph/fn/index.ts';
import { Graph } from '../graph/node.ts';
import type { Value } from '../graph/node.ts';
import * as o from '../graph/ops/index.ts';
import { optimize } from '../graph/passes/index.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import type { AdapterPair, PeftAdapter } from '../io/peft-adapter.ts';
import type { AttentionHeads, ForwardContext } from '../models/family.ts';
import type { ParsedModel } from '../models/index.ts';
import { fileParameters } from '../models/parameters.ts';
import { loraLinear } from '../nn/lora.ts';

export interface GenerationSource {
  readonly model: ParsedModel;
  readonly weights: ReadonlyMap<string, TensorEntry>;
  /** Low-rank path beside the frozen weights. Its arrays are read at every step, so a running training shows at once. */
  readonly adapter?: PeftAdapter;
  /** Full weights in memory instead of the file's. */
  readonly tensor?: (name: string) => Float32Array;
}

/** Inputs that hold adapter or full weights: name and data. */
export interface LiveWeights { readonly feeds: Record<string, Float32Array> }

export function liveWeights(source: GenerationSource): LiveWeights {
  const feeds: Record<string, Float32Array> = {};
  if (source.tensor) for (const p of source.model.family.parameters(source.model.config)) feeds[`parameter:${p.name}`] = source.tensor(p.name);
  for (const p of source.adapter?.pairs ?? []) { feeds[`lora_a:${p.module}`] = p.a; feeds[`lora_b:${p.module}`] = p.b; }
  return { feeds };
}

function context(graph: Graph, source: GenerationSource, maxPositions: number, attend: ForwardContext['attention']): ForwardContext {
  const { family, config } = source.model;
  let parameter = fileParameters(graph, source.weights);
  if (source.tensor) {
    const inputs = new Map(family.parameters(config).map(p => [p.name, graph.input(`parameter:${p.name}`, p.shape)]));
    parameter = name => inputs.get(name) as Value;
  }
  const { adapter } = source;
  const pairs = new Map<string, AdapterPair>(adapter?.pairs.map(p => [p.module, p]));
  const r = adapter?.config.r ?? 1;
  const scale = (adapter?.config.lora_alpha ?? 0) / (adapter?.config.use_rslora ? Math.sqrt(r) : r);
  return {
    graph, parameter, maxPositions, attention: attend,
    linear: ({ module, bias, inFeatures, outFeatures }, x) => {
      const base = linear(x, parameter(`${module}.weight`), bias ? parameter(`${module}.bias`) : undefined);
      if (!pairs.has(module)) return base;
      return loraLinear(x, base, graph.input(`lora_a:${module}`, [r, inFeatures]), graph.input(`lora_b:${module}`, [outFeatures, r]), scale);
    },
  };
}

/** logits [B, V], lse [B], token [B] (the largest logit) and its logprob [B]. */
function heads(graph: Graph, ctx: ForwardContext, source: GenerationSource, hidden: Value): void {
  const logits = o.matmul(hidden, ctx.parameter(source.model.family.headWeight(source.model.config)), { transB: true });
  const lse = logSumExp(logits);
  graph.output('logits', logits);
  graph.output('lse', lse);
  graph.output('token', o.argmax(logits, -1));
  graph.output('logprob', o.sub(o.reduceMax(logits, [-1]), lse));
}

/** Inputs ids, positions int32 [B, T] (right-padded) and last int32 [B], the row of each prompt's last token. Outputs k.i and v.i [B, kvHeads, T, headDim] besides the heads. */
export function prefillGraph(source: GenerationSource, batch: number, length: number): Graph {
  const graph = new Graph();
  const ids = graph.input('ids', [batch, length], 'int32');
  const positions = graph.input('positions', [batch, length], 'int32');
  const last = graph.input('last', [batch], 'int32');
  const kept: AttentionHeads[] = [];
  const ctx = context(graph, source, length, (layer, h, scale) => { kept[layer] = h; return attention({ ...h, scale, causal: true, chunk: 128 }); });
  const hidden = source.model.family.hidden(ctx, source.model.config, { ids, positions });
  heads(graph, ctx, source, o.gather(hidden, last));
  kept.forEach((h, i) => { graph.output(`k.${i}`, h.k); graph.output(`v.${i}`, h.v); });
  return optimize(graph);
}

/** Inputs ids, positions int32 [B, 1], mask [B, slots + 1] (added to scores; the last column is the token itself), k.i and v.i [B, kvHeads, slots, headDim]. Output `fresh` [2 layers, B, kvHeads, headDim]. */
export function decodeGraph(source: GenerationSource, batch: number, slots: number): Graph {
  const graph = new Graph();
  const { kvHeads, headDim, layers, heads: queryHeads } = source.model.config;
  const ids = graph.input('ids', [batch, 1], 'int32');
  const positions = graph.input('positions', [batch, 1], 'int32');
  const mask = o.reshape(graph.input('mask', [batch, slots + 1]), [batch, 1, 1, slots + 1]);
  const kept: AttentionHeads[] = [];
  const n = batch * kvHeads;
  const group = queryHeads / kvHeads;
  const ctx = context(graph, source, slots + 1, (layer, h, scale) => {
    kept[layer] = h;
    const past = (name: string): Value => o.reshape(graph.input(`${name}.${layer}`, [batch, kvHeads, slots, headDim]), [n, slots, headDim]);
    const q = o.reshape(h.q, [n, group, headDim]);
    const old = o.matmul(q, past('k'), { transB: true, alpha: scale });
    const own = o.matmul(q, o.reshape(h.k, [n, 1, headDim]), { transB: true, alpha: scale });
    const scores = o.add(o.reshape(o.concat([old, own], 2), [batch, queryHeads, 1, slots + 1]), mask);
    const p = o.reshape(o.softmax(scores), [n, group, slots + 1]);
    const mixed = o.add(o.matmul(o.slice(p, 2, 0, slots), past('v')), o.mul(o.slice(p, 2, slots, slots + 1), o.reshape(h.v, [n, 1, headDim])));
    return o.reshape(mixed, [batch, queryHeads, 1, headDim]);
  });
  heads(graph, ctx, source, source.model.family.hidden(ctx, source.model.config, { ids, positions }));
  graph.output('fresh', o.concat(kept.flatMap(h => [h.k, h.v].map(x => o.reshape(x, [1, batch, kvHeads, headDim]))), 0));
  if (kept.length !== layers) throw new RangeError(`the family attended in ${kept.length} of ${layers} layers`);
  return optimize(graph);
}
