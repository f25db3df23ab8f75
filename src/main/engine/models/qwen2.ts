/** Qwen2 and Qwen2.5: Llama with a bias on q, k and v. Its sliding window is off unless the config switches it on. */

import { parseDecoder } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { qwenWindows } from './layer-types.ts';

export const qwen2 = decoderFamily({
  id: 'qwen2',
  parseConfig: (json) => qwenWindows(json, { ...parseDecoder(json, { maxPositions: 32_768, tieEmbeddings: false, ropeTheta: 10_000 }), bias: { qkv: true, out: false, mlp: false } }),
  loraTargets: ['q_proj', 'v_proj'],
});
