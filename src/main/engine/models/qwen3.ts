/** Qwen3: Llama with an RMSNorm on each query and key head before the rotary positions, and heads of 128 whatever the hidden size. */

import { ConfigReader, parseDecoder } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { qwenWindows } from './layer-types.ts';
import { HEAD_NORMS } from './layout.ts';

export const qwen3 = decoderFamily({
  id: 'qwen3',
  layout: { headNorms: HEAD_NORMS },
  parseConfig: (json) => {
    const bias = new ConfigReader(json).flag('attention_bias', false);
    return qwenWindows(json, { ...parseDecoder(json, { headDim: 128, maxPositions: 32_768, tieEmbeddings: false, ropeTheta: 10_000 }), bias: { qkv: bias, out: bias, mlp: false } });
  },
  loraTargets: ['q_proj', 'v_proj'],
});
