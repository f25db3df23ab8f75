/** Llama 2 and 3, SmolLM2, TinyLlama: the plain decoder; biases only where the config asks (attention_bias covers q, k, v and o). */

import { ConfigReader, parseDecoder } from './config.ts';
import { decoderFamily } from './decoder.ts';

export const llama = decoderFamily({
  id: 'llama',
  parseConfig: (json) => {
    const read = new ConfigReader(json);
    const config = parseDecoder(json, { maxPositions: 2048, tieEmbeddings: false, ropeTheta: 10_000 });
    const attention = read.flag('attention_bias', false);
    return { ...config, bias: { qkv: attention, out: attention, mlp: read.flag('mlp_bias', false) } };
  },
  loraTargets: ['q_proj', 'v_proj'],
});
