/** Phi-3 and Phi-4 mini: Llama with q, k, v in one layer and gate and up in another, rotary positions on a part of each head where the config says so, and longrope (which older configs call su or yarn). */

import { ConfigReader, parseDecoder } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { slidingWindow, withBlocks } from './layer-types.ts';
import { isRecord } from './rope-config.ts';

/** Old type names of longrope, in whichever record they stand. */
function renameLongrope(json: Record<string, unknown>): Record<string, unknown> {
  const renamed = (value: unknown): unknown => {
    if (!isRecord(value)) return value;
    const type = value['rope_type'] ?? value['type'];
    return type === 'su' || type === 'yarn' ? { ...value, rope_type: 'longrope' } : value;
  };
  return { ...json, rope_parameters: renamed(json['rope_parameters']), rope_scaling: renamed(json['rope_scaling']) };
}

export const phi3 = decoderFamily({
  id: 'phi3',
  layout: { attention: { qkv: 'self_attn.qkv_proj', o: 'self_attn.o_proj' }, mlp: { gateUp: 'mlp.gate_up_proj', down: 'mlp.down_proj' } },
  parseConfig: (json) => {
    const config = parseDecoder(renameLongrope(json), { maxPositions: 4096, tieEmbeddings: false, ropeTheta: 10_000, normEps: ['rms_norm_eps', 1e-5], partialRotary: true });
    const window = slidingWindow(new ConfigReader(json), null);
    return { ...withBlocks(config, () => ({ window })), raw: json };
  },
  loraTargets: [],
});
