/** The pre-norm decoder that Llama-like families share: RMSNorm, rotary grouped-query attention, SwiGLU. Families choose biases and parse their configs. */

import { rmsNorm, rope, swiglu } from '../graph/fn/index.ts';
import type { Value } from '../graph/node.ts';
import { add, gather, reshape, transpose } from '../graph/ops/index.ts';
import type { DecoderConfig } from './config.ts';
import type { ForwardContext, LinearSpec, ParameterSpec, TokenInput } from './family.ts';
import { ropeTables } from './rope.ts';

const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';
const layerPath = (layer: number): string => `model.layers.${layer}`;

/** The seven linear layers of one block, in checkpoint order. */
function blockLinears(c: DecoderConfig, layer: number): LinearSpec[] {
  const make = (name: string, inFeatures: number, outFeatures: number, bias: boolean): LinearSpec => ({ module: `${layerPath(layer)}.${name}`, layer, inFeatures, outFeatures, bias });
  const attention = c.heads * c.headDim;
  const kv = c.kvHeads * c.headDim;
  return [
    make('self_attn.q_proj', c.hiddenSize, attention, c.bias.qkv), make('self_attn.k_proj', c.hiddenSize, kv, c.bias.qkv), make('self_attn.v_proj', c.hiddenSize, kv, c.bias.qkv),
    make('self_attn.o_proj', attention, c.hiddenSize, c.bias.out), make('mlp.gate_proj', c.hiddenSize, c.intermediateSize, c.bias.mlp), make('mlp.up_proj', c.hiddenSize, c.intermediateSize, c.bias.mlp),
    make('mlp.down_proj', c.intermediateSize, c.hiddenSize, c.bias.mlp),
  ];
}

export function decoderLinears(c: DecoderConfig): LinearSpec[] {
  return Array.from({ length: c.layers }, (_, i) => blockLinears(c, i)).flat();
}

export function decoderParameters(c: DecoderConfig): ParameterSpec[] {
  const list: ParameterSpec[] = [{ name: EMBEDDING, shape: [c.vocabSize, c.hiddenSize], role: 'embedding' }];
  for (let i = 0; i < c.layers; i++) {
    for (const l of blockLinears(c, i)) {
      list.push({ name: `${l.module}.weight`, shape: [l.outFeatures, l.inFeatures], role: 'linear' });
      if (l.bias) list.push({ name: `${l.module}.bias`, shape: [l.outFeatures], role: 'bias' });
    }
    for (const norm of ['input_layernorm', 'post_attention_layernorm']) list.push({ name: `${layerPath(i)}.${norm}.weight`, shape: [c.hiddenSize], role: 'norm' });
  }
  list.push({ name: 'model.norm.weight', shape: [c.hiddenSize], role: 'norm' });
  if (!c.tieEmbeddings) list.push({ name: HEAD, shape: [c.vocabSize, c.hiddenSize], role: 'head' });
  return list;
}

export function decoderHeadWeight(c: DecoderConfig): string { return c.tieEmbeddings ? EMBEDDING : HEAD; }

/** Hidden states [B*T, hidden] after the final norm, for ids and positions [B, T]. Each layer is one segment of the graph (the unit of recomputation). */
export function decoderHidden(ctx: ForwardContext, c: DecoderConfig, tokens: TokenInput): Value {
  const { graph } = ctx;
  const [batch, length] = tokens.ids.shape as [number, number];
  const rows = batch * length;
  let x = reshape(gather(ctx.parameter(EMBEDDING), tokens.ids), [rows, c.hiddenSize]);
  const tables = ropeTables(c.rope, c.headDim, ctx.maxPositions);
  const half = c.headDim / 2;
  const table = (data: Float64Array): Value => {
    const t = graph.constant(graph.real === 'float64' ? data : Float32Array.from(data), [ctx.maxPositions, half]);
    // Rank 2 for a single row: providers have a kernel for that form.
    return reshape(gather(t, tokens.positions), batch === 1 ? [length, half] : [batch, 1, length, half]);
  };
  const cos = table(tables.cos);
  const sin = table(tables.sin);
  for (let i = 0; i < c.layers; i++) {
    const input = x;
    x = graph.segment(`layer.${i}`, () => block(ctx, c, i, input, { batch, length, cos, sin }));
  }
  return rmsNorm(x, ctx.parameter('model.norm.weight'), c.normEps);
}

interface RowShape { batch: number; length: number; cos: Value; sin: Value }

function block(ctx: ForwardContext, c: DecoderConfig, layer: number, x: Value, row: RowShape): Value {
  const [q, k, v, o, gate, up, down] = blockLinears(c, layer) as [LinearSpec, LinearSpec, LinearSpec, LinearSpec, LinearSpec, LinearSpec, LinearSpec];
  const { batch, length } = row;
  const rows = batch * length;
  const normed = rmsNorm(x, ctx.parameter(`${layerPath(layer)}.input_layernorm.weight`), c.normEps);
  const split = (y: Value, heads: number): Value => transpose(reshape(y, [batch, length, heads, c.headDim]), [0, 2, 1, 3]);
  const attended = ctx.attention(layer, {
    q: rope(split(ctx.linear(q, normed), c.heads), row.cos, row.sin),
    k: rope(split(ctx.linear(k, normed), c.kvHeads), row.cos, row.sin),
    v: split(ctx.linear(v, normed), c.kvHeads),
  }, 1 / Math.sqrt(c.headDim));
  const merged = reshape(transpose(attended, [0, 2, 1, 3]), [rows, c.heads * c.headDim]);
  const middle = add(x, ctx.linear(o, merged));
  const inner = rmsNorm(middle, ctx.parameter(`${layerPath(layer)}.post_attention_layernorm.weight`), c.normEps);
  const hidden = swiglu(ctx.linear(gate, inner), ctx.linear(up, inner));
  return add(middle, ctx.linear(down, hidden));
}
