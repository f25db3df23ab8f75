/** Where the parameters of a decoder lie: the module names of a family, and the tables of linear layers and parameters that follow from them and a config. */

import type { DecoderConfig } from './config.ts';
import type { LinearSpec, ParameterSpec } from './family.ts';

export const EMBEDDING = 'model.embed_tokens.weight';
export const HEAD = 'lm_head.weight';

/** Module names inside `model.layers.N`. */
export interface DecoderLayout {
  /** Projections of attention, apart or as one layer whose outputs stand in the order q, k, v. */
  attention: { q: string; k: string; v: string; o: string } | { qkv: string; o: string };
  /** RMSNorm of each head before the rotary positions. */
  headNorms: { q: string; k: string } | null;
  /** Gated feed-forward layer, gate and up apart or as one layer in that order. */
  mlp: { gate: string; up: string; down: string } | { gateUp: string; down: string };
  /** Norms before the mixer and the feed-forward layer; with `after...` also on their results (Gemma 2). */
  norms: { mixer: string; mlp: string; afterMixer?: string; afterMlp?: string };
  /** The short convolution of hybrid models. */
  conv?: { in: string; conv: string; out: string };
  /** Whole name of the last norm's module. */
  finalNorm: string;
}

export const LLAMA_LAYOUT: DecoderLayout = {
  attention: { q: 'self_attn.q_proj', k: 'self_attn.k_proj', v: 'self_attn.v_proj', o: 'self_attn.o_proj' },
  headNorms: null,
  mlp: { gate: 'mlp.gate_proj', up: 'mlp.up_proj', down: 'mlp.down_proj' },
  norms: { mixer: 'input_layernorm', mlp: 'post_attention_layernorm' },
  finalNorm: 'model.norm',
};

/** Per-head norms as Qwen 3 and Gemma 3 name them. */
export const HEAD_NORMS = { q: 'self_attn.q_norm', k: 'self_attn.k_norm' };

export const layerPath = (layer: number): string => `model.layers.${layer}`;

/** The linear layers of one block by their part, in checkpoint order. */
export function blockLinears(layout: DecoderLayout, c: DecoderConfig, layer: number): Record<string, LinearSpec> {
  const make = (name: string, inFeatures: number, outFeatures: number, bias: boolean): LinearSpec => ({ module: `${layerPath(layer)}.${name}`, layer, inFeatures, outFeatures, bias });
  const { attention: a, mlp: m } = layout;
  const width = c.heads * c.headDim;
  const kv = c.kvHeads * c.headDim;
  return { ...mixerLinears(), ...mlpLinears() };

  function mixerLinears(): Record<string, LinearSpec> {
    if (c.blocks[layer]!.mixer === 'conv') {
      const { conv } = layout;
      const bias = c.conv?.bias ?? false;
      return { in: make(conv!.in, c.hiddenSize, 3 * c.hiddenSize, bias), out: make(conv!.out, c.hiddenSize, c.hiddenSize, bias) };
    }
    const o = make(a.o, width, c.hiddenSize, c.bias.out);
    if ('qkv' in a) return { qkv: make(a.qkv, c.hiddenSize, width + 2 * kv, c.bias.qkv), o };
    return { q: make(a.q, c.hiddenSize, width, c.bias.qkv), k: make(a.k, c.hiddenSize, kv, c.bias.qkv), v: make(a.v, c.hiddenSize, kv, c.bias.qkv), o };
  }
  function mlpLinears(): Record<string, LinearSpec> {
    const down = make(m.down, c.intermediateSize, c.hiddenSize, c.bias.mlp);
    if ('gateUp' in m) return { gateUp: make(m.gateUp, c.hiddenSize, 2 * c.intermediateSize, c.bias.mlp), down };
    return { gate: make(m.gate, c.hiddenSize, c.intermediateSize, c.bias.mlp), up: make(m.up, c.hiddenSize, c.intermediateSize, c.bias.mlp), down };
  }
}

export function decoderLinears(layout: DecoderLayout, c: DecoderConfig): LinearSpec[] {
  return Array.from({ length: c.layers }, (_, i) => Object.values(blockLinears(layout, c, i))).flat();
}

/** Weight and bias of linear layers. */
export function linearParameters(specs: readonly LinearSpec[]): ParameterSpec[] {
  return specs.flatMap((l): ParameterSpec[] => [
    { name: `${l.module}.weight`, shape: l.transposed ? [l.inFeatures, l.outFeatures] : [l.outFeatures, l.inFeatures], role: 'linear', ...(l.transposed ? { transposed: true } : {}) },
    ...(l.bias ? [{ name: `${l.module}.bias`, shape: [l.outFeatures], role: 'bias' as const }] : []),
  ]);
}

export function decoderParameters(layout: DecoderLayout, c: DecoderConfig): ParameterSpec[] {
  // A weight that counts as 1 + weight starts at zero.
  const norm = (module: string, size: number): ParameterSpec => ({ name: `${module}.weight`, shape: [size], role: 'norm', initial: 1 - c.normOffset });
  const list: ParameterSpec[] = [{ name: EMBEDDING, shape: [c.vocabSize, c.hiddenSize], role: 'embedding' }];
  for (let i = 0; i < c.layers; i++) {
    const path = layerPath(i);
    list.push(...linearParameters(Object.values(blockLinears(layout, c, i))));
    if (c.blocks[i]!.mixer === 'conv') {
      list.push({ name: `${path}.${layout.conv!.conv}.weight`, shape: [c.hiddenSize, 1, c.conv!.kernel], role: 'conv' });
      if (c.conv!.bias) list.push({ name: `${path}.${layout.conv!.conv}.bias`, shape: [c.hiddenSize], role: 'bias' });
    } else if (layout.headNorms !== null) {
      list.push(norm(`${path}.${layout.headNorms.q}`, c.headDim), norm(`${path}.${layout.headNorms.k}`, c.headDim));
    }
    const { mixer, mlp, afterMixer, afterMlp } = layout.norms;
    for (const name of [mixer, afterMixer, mlp, afterMlp]) if (name !== undefined) list.push(norm(`${path}.${name}`, c.hiddenSize));
  }
  list.push(norm(layout.finalNorm, c.hiddenSize));
  if (!c.tieEmbeddings) list.push({ name: HEAD, shape: [c.vocabSize, c.hiddenSize], role: 'head' });
  return list;
}
