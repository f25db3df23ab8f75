/** The decoder as other programs expect it: input_ids, attention_mask, position_ids and past_key_values.N.key/value in, logits and present.N.key/value out (names of optimum and transformers.js).
 * One graph reads a prompt, many prompts padded on the left, or one more token. Built from the family's own layer code at given sizes. */
import { AnnealError } from '../../../../shared/errors.ts';
import { MASKED } from '../../graph/fn/index.ts';
import { Graph, type Value } from '../../graph/node.ts';
import * as o from '../../graph/ops/index.ts';
import { deadCode } from '../../graph/passes/index.ts';
import type { AttentionOptions, ForwardContext } from '../../models/family.ts';
import { headLogits } from '../../models/head.ts';
import type { ParsedModel } from '../../models/index.ts';
import { plainLinear } from '../../models/row-context.ts';
import type { Sizes } from './sizes.ts';

/** Inputs that the writer computes from the real ones: index of each query and of each key (float32, exact below 2^24), tokens of each row so far. */
export const COMPUTED = { query: '#query', key: '#key', total: '#total' } as const;

export interface DecoderWeights { shapeOf: (name: string) => readonly number[]; head: string }

export function decoderGraph({ family, config }: ParsedModel, weights: DecoderWeights, sizes: Sizes): Graph {
  if (config.blocks.some((b) => b.mixer !== 'attention')) throw new AnnealError('bad-request', 'Models with short convolutions cannot be exported as ONNX: their state has no form here that other programs read. Export a Hugging Face folder or GGUF instead.');
  const { batch_size: b, sequence_length: t, past_sequence_length: p, total_sequence_length: s } = sizes, { heads, kvHeads, headDim } = config, group = heads / kvHeads;
  const graph = new Graph();
  const ids = graph.input('input_ids', [b, t], 'int64'), allowed = graph.input('attention_mask', [b, s], 'int64'), positions = graph.input('position_ids', [b, t], 'int64');
  const past = Array.from({ length: config.layers }, (_, i) => ({ key: graph.input(`past_key_values.${i}.key`, [b, kvHeads, p, headDim]), value: graph.input(`past_key_values.${i}.value`, [b, kvHeads, p, headDim]) }));
  const query = o.reshape(graph.input(COMPUTED.query, [t]), [t, 1]), key = o.reshape(graph.input(COMPUTED.key, [s]), [1, s]);
  const masks = new Map<number | null, Value>();
  const maskOf = (window: number | null): Value => {
    const known = masks.get(window);
    if (known) return known;
    const causal = o.lessEqual(key, query), seen = window === null ? causal : o.logicalAnd(causal, o.greater(o.add(key, window), query));
    const both = o.logicalAnd(o.reshape(seen, [1, 1, t, s]), o.reshape(o.cast(allowed, 'bool'), [b, 1, 1, s]));
    const made = o.where(both, graph.constant(0), graph.constant(MASKED));
    masks.set(window, made);
    return made;
  };
  const present: { key: Value; value: Value }[] = [];
  const made = new Map<string, Value>();
  const parameter = (name: string): Value => {
    const known = made.get(name);
    if (known) return known;
    const shape = weights.shapeOf(name), value = graph.weight(name, shape, 'float32', { kind: 'file', path: '', offset: 0, byteLength: shape.reduce((n, d) => n * d, 4) });
    made.set(name, value);
    return value;
  };
  const attend = (layer: number, h: { q: Value; k: Value; v: Value }, { scale, window, softcap }: AttentionOptions): Value => {
    const before = past[layer] as { key: Value; value: Value }, k = o.concat([before.key, h.k], 2), v = o.concat([before.value, h.v], 2);
    present[layer] = { key: k, value: v };
    // The query heads of one key head are stacked as rows, so that keys are not repeated.
    const stacked = o.reshape(h.q, [b, kvHeads, group * t, headDim]);
    let scores = o.reshape(o.matmul(stacked, k, { transB: true, alpha: scale }), [b, heads, t, s]);
    if (softcap !== null) scores = o.mul(o.tanh(o.mul(scores, 1 / softcap)), softcap);
    const weightsOf = o.reshape(o.softmax(o.add(scores, maskOf(window))), [b, kvHeads, group * t, s]);
    return o.reshape(o.matmul(weightsOf, v), [b, heads, t, headDim]);
  };
  const ctx: ForwardContext = {
    graph, parameter, linear: plainLinear(parameter), attention: attend, maxPositions: config.maxPositions, sequenceLengths: () => graph.input(COMPUTED.total, [b, 1], 'int64'),
    before: () => { throw new AnnealError('bad-request', 'Models with short convolutions cannot be exported as ONNX.'); },
  };
  const hidden = family.hidden(ctx, config, { ids, positions });
  graph.output('logits', o.reshape(headLogits(config, hidden, parameter(weights.head)), [b, t, config.vocabSize]));
  present.forEach(({ key: k, value: v }, i) => { graph.output(`present.${i}.key`, k); graph.output(`present.${i}.value`, v); });
  return deadCode(graph);
}
