/** GPT-2: LayerNorm, learned positions, q, k and v in one layer, plain feed-forward layer, biases everywhere, linear weights as [in, out] (Conv1D). Dropout of the config is not applied, as for every family. */

import { layerNorm } from '../graph/fn/index.ts';
import type { Value } from '../graph/node.ts';
import { add, gather, reshape, transpose } from '../graph/ops/index.ts';
import { activate, activationOf } from './activation.ts';
import { configError } from './config-error.ts';
import { ConfigReader, type DecoderConfig } from './config.ts';
import { parts } from './decoder.ts';
import type { ForwardContext, LinearSpec, ModelFamily, ParameterSpec, TokenInput } from './family.ts';
import { HEAD, linearParameters } from './layout.ts';

const EMBEDDING = 'transformer.wte.weight';
const POSITIONS = 'transformer.wpe.weight';
const blockPath = (layer: number): string => `transformer.h.${layer}`;

function parseConfig(json: Record<string, unknown>): DecoderConfig {
  const read = new ConfigReader(json);
  read.only('add_cross_attention', false, 'attention to an encoder');
  const [hiddenSize, heads, layers] = [read.count('n_embd', 768), read.count('n_head', 12), read.count('n_layer', 12)];
  if (hiddenSize % heads !== 0) throw configError(`n_embd (${hiddenSize}) is not a multiple of n_head (${heads})`);
  const headDim = hiddenSize / heads;
  const maxPositions = read.count('n_positions', read.json['n_ctx'] === undefined ? 1024 : read.count('n_ctx'));
  const scaled = read.flag('scale_attn_weights', true) ? 1 / Math.sqrt(headDim) : 1;
  const byLayer = read.flag('scale_attn_by_inverse_layer_idx', false);
  return {
    modelType: 'gpt2', vocabSize: read.count('vocab_size', 50_257), hiddenSize, intermediateSize: read.count('n_inner', 4 * hiddenSize), layers, heads, kvHeads: heads, headDim,
    normEps: read.number('layer_norm_epsilon', 1e-5), maxPositions, tieEmbeddings: read.flag('tie_word_embeddings', true),
    rope: { theta: 10_000, dim: headDim, scaling: { type: 'default' } },
    blocks: Array.from({ length: layers }, (_, i) => ({ mixer: 'attention', window: null, rope: null, scale: byLayer ? scaled / (i + 1) : scaled })),
    bias: { qkv: true, out: true, mlp: true }, activation: activationOf(json['activation_function'] ?? 'gelu_new'),
    normOffset: 0, embeddingScale: 1, attentionSoftcap: null, head: { scale: 1, softcap: null }, conv: null, learnedPositions: maxPositions, raw: json,
  };
}

function blockLinears(c: DecoderConfig, layer: number): { qkv: LinearSpec; out: LinearSpec; up: LinearSpec; down: LinearSpec } {
  const make = (name: string, inFeatures: number, outFeatures: number): LinearSpec => ({ module: `${blockPath(layer)}.${name}`, layer, inFeatures, outFeatures, bias: true, transposed: true });
  const d = c.hiddenSize;
  return { qkv: make('attn.c_attn', d, 3 * d), out: make('attn.c_proj', d, d), up: make('mlp.c_fc', d, c.intermediateSize), down: make('mlp.c_proj', c.intermediateSize, d) };
}

function linears(c: DecoderConfig): LinearSpec[] {
  return Array.from({ length: c.layers }, (_, i) => Object.values(blockLinears(c, i))).flat();
}

function parameters(c: DecoderConfig): ParameterSpec[] {
  const d = c.hiddenSize;
  const norm = (module: string): ParameterSpec[] => [{ name: `${module}.weight`, shape: [d], role: 'norm' }, { name: `${module}.bias`, shape: [d], role: 'bias' }];
  return [
    { name: EMBEDDING, shape: [c.vocabSize, d], role: 'embedding' }, { name: POSITIONS, shape: [c.maxPositions, d], role: 'embedding' },
    ...Array.from({ length: c.layers }, (_, i) => [...norm(`${blockPath(i)}.ln_1`), ...norm(`${blockPath(i)}.ln_2`), ...linearParameters(Object.values(blockLinears(c, i)))]).flat(),
    ...norm('transformer.ln_f'), ...(c.tieEmbeddings ? [] : [{ name: HEAD, shape: [c.vocabSize, d], role: 'head' as const }]),
  ];
}

function hidden(ctx: ForwardContext, c: DecoderConfig, { ids, positions }: TokenInput): Value {
  const rows = ids.shape[0]! * ids.shape[1]!;
  const look = (table: string, at: Value): Value => reshape(gather(ctx.parameter(table), at), [rows, c.hiddenSize]);
  const words = look(EMBEDDING, ids);
  let x = add(ctx.embedded?.(words) ?? words, look(POSITIONS, positions));
  for (let i = 0; i < c.layers; i++) {
    const input = x;
    x = ctx.graph.segment(`layer.${i}`, () => block(ctx, c, i, input, ids.shape as [number, number]));
  }
  return norm(ctx, c, x, 'transformer.ln_f');
}

function norm(ctx: ForwardContext, c: DecoderConfig, x: Value, module: string): Value {
  return layerNorm(x, ctx.parameter(`${module}.weight`), ctx.parameter(`${module}.bias`), c.normEps);
}

function block(ctx: ForwardContext, c: DecoderConfig, layer: number, x: Value, [batch, length]: [number, number]): Value {
  const { qkv, out, up, down } = blockLinears(c, layer);
  const path = blockPath(layer);
  const heads = (y: Value): Value => transpose(reshape(y, [batch, length, c.heads, c.headDim]), [0, 2, 1, 3]);
  const [q, k, v] = parts(ctx.linear(qkv, norm(ctx, c, x, `${path}.ln_1`)), [c.hiddenSize, c.hiddenSize, c.hiddenSize]).map(heads) as [Value, Value, Value];
  const attended = ctx.attention(layer, { q, k, v }, { scale: c.blocks[layer]!.scale, window: null, softcap: null });
  const middle = add(x, ctx.linear(out, reshape(transpose(attended, [0, 2, 1, 3]), [batch * length, c.hiddenSize])));
  return add(middle, ctx.linear(down, activate(c.activation, ctx.linear(up, norm(ctx, c, middle, `${path}.ln_2`)))));
}

export const gpt2: ModelFamily = { id: 'gpt2', parseConfig, parameters, linears, loraTargets: ['c_attn'], hidden, headWeight: (c) => (c.tieEmbeddings ? EMBEDDING : HEAD) };
