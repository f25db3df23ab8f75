/** Llama: the plain decoder; biases only where the config asks (attention_bias covers q, k, v and o). */

import { ConfigReader, parseDecoder } from './config.ts';
import { decoderHeadWeight, decoderHidden, decoderLinears, decoderParameters } from './decoder.ts';
import type { ModelFamily } from './family.ts';

export const llama: ModelFamily = {
  id: 'llama',
  parseConfig: (json) => {
    const read = new ConfigReader(json);
    const config = parseDecoder(json, { maxPositions: 2048, tieEmbeddings: false, ropeTheta: 10_000 });
    const attention = read.flag('attention_bias', false);
    return { ...config, bias: { qkv: attention, out: attention, mlp: read.flag('mlp_bias', false) } };
  },
  parameters: decoderParameters,
  linears: decoderLinears,
  loraTargets: ['q_proj', 'v_proj'],
  hidden: decoderHidden,
  headWeight: decoderHeadWeight,
};
