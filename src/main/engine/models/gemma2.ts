/** Gemma 2: Gemma with norms also after attention and feed-forward layer, capped scores and logits, and a sliding window in every other layer. */

import { ConfigReader, type DecoderConfig } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { parseGemma, type GemmaDefaults } from './gemma.ts';
import { layerTypes, slidingWindow, withBlocks } from './layer-types.ts';
import type { DecoderLayout } from './layout.ts';

export const GEMMA2_NORMS: DecoderLayout['norms'] = { mixer: 'input_layernorm', afterMixer: 'post_attention_layernorm', mlp: 'pre_feedforward_layernorm', afterMlp: 'post_feedforward_layernorm' };

/** What Gemma 2 and 3 share. `isSliding` says which layers have a window when the config has no layer_types. */
export function parseGemma2(json: Record<string, unknown>, defaults: GemmaDefaults & { caps: { attention: number | null; logits: number | null }; isSliding: (layer: number) => boolean }): DecoderConfig {
  const read = new ConfigReader(json);
  const { caps, isSliding, ...shared } = defaults;
  const config = parseGemma(json, shared);
  const window = slidingWindow(read, 4096);
  const types = layerTypes(read, config.layers, ['full_attention', 'sliding_attention'], (i) => (isSliding(i) ? 'sliding_attention' : 'full_attention'));
  const scale = 1 / Math.sqrt(read.number('query_pre_attn_scalar', 256));
  return {
    ...withBlocks(config, (i) => ({ window: types[i] === 'sliding_attention' ? window : null, scale })),
    attentionSoftcap: read.optional('attn_logit_softcapping', caps.attention), head: { scale: 1, softcap: read.optional('final_logit_softcapping', caps.logits) },
  };
}

export const gemma2 = decoderFamily({
  id: 'gemma2',
  layout: { norms: GEMMA2_NORMS },
  parseConfig: (json) => parseGemma2(json, { kvHeads: 4, maxPositions: 8192, activationKeys: ['hidden_activation', 'hidden_act'], caps: { attention: 50, logits: 30 }, isSliding: (i) => i % 2 === 0 }),
  loraTargets: ['q_proj', 'v_proj'],
});
