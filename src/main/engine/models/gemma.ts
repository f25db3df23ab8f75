/** Gemma: norms multiply by 1 + weight, embeddings by the root of the hidden size, tanh-approximated GELU, tied head. Gemma 2 and 3 start from the same fields. The embedding factor is exact here, as in transformers with float32 weights. */

import { ConfigReader, parseDecoder, type DecoderConfig } from './config.ts';
import { decoderFamily } from './decoder.ts';

export interface GemmaDefaults { kvHeads: number; maxPositions: number; ropeTheta?: number; activationKeys: readonly string[] }

export function parseGemma(json: Record<string, unknown>, { ropeTheta = 10_000, ...defaults }: GemmaDefaults): DecoderConfig {
  const read = new ConfigReader(json);
  const config = parseDecoder(json, { ...defaults, ropeTheta, headDim: 256, tieEmbeddings: true, activation: 'gelu_tanh' });
  const bias = read.flag('attention_bias', false);
  read.only('use_bidirectional_attention', false, 'attention to later tokens');
  return { ...config, bias: { qkv: bias, out: bias, mlp: false }, normOffset: 1, embeddingScale: Math.sqrt(config.hiddenSize) };
}

export const gemma = decoderFamily({
  id: 'gemma',
  parseConfig: (json) => {
    const config = parseGemma(json, { kvHeads: 16, maxPositions: 8192, activationKeys: ['hidden_activation', 'hidden_act'] });
    // The first configs say "gelu" and mean the approximation.
    return config.activation === 'gelu' ? { ...config, activation: 'gelu_tanh' } : config;
  },
  loraTargets: ['q_proj', 'v_proj'],
});
