/** Qwen2 and Qwen2.5: Llama with a bias on q, k and v. Sliding-window attention is off in its released checkpoints and refused here. */

import { parseDecoder, ConfigReader } from './config.ts';
import { decoderHeadWeight, decoderHidden, decoderLinears, decoderParameters } from './decoder.ts';
import type { ModelFamily } from './family.ts';

export const qwen2: ModelFamily = {
  id: 'qwen2',
  parseConfig: (json) => {
    new ConfigReader(json).only('use_sliding_window', false, 'sliding-window attention');
    const config = parseDecoder(json, { maxPositions: 32_768, tieEmbeddings: false, ropeTheta: 10_000 });
    return { ...config, bias: { qkv: true, out: false, mlp: false } };
  },
  parameters: decoderParameters,
  linears: decoderLinears,
  loraTargets: ['q_proj', 'v_proj'],
  hidden: decoderHidden,
  headWeight: decoderHeadWeight,
};
