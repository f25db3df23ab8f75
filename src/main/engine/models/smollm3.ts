/** SmolLM3: Llama whose every fourth layer has no rotary positions (an entry 0 of no_rope_layers means none). */

import { ConfigReader, parseDecoder } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { layerTypes, slidingWindow, withBlocks } from './layer-types.ts';

export const smollm3 = decoderFamily({
  id: 'smollm3',
  parseConfig: (json) => {
    const read = new ConfigReader(json);
    const config = parseDecoder(json, { kvHeads: 4, maxPositions: 32_768, tieEmbeddings: true, ropeTheta: 2_000_000 });
    const interval = read.count('no_rope_layer_interval', 4);
    const isSwitch = (entry: unknown): entry is 0 | 1 => entry === 0 || entry === 1;
    const rotary = read.perLayer('no_rope_layers', config.layers, isSwitch, '0 (no rotary positions) and 1') ?? Array.from({ length: config.layers }, (_, i) => Number((i + 1) % interval !== 0));
    const window = read.flag('use_sliding_window', false) ? slidingWindow(read, null) : null;
    const types = layerTypes(read, config.layers, ['full_attention', 'sliding_attention'], (i) => (window !== null && rotary[i] === 0 ? 'sliding_attention' : 'full_attention'));
    const attention = read.flag('attention_bias', false);
    return {
      ...withBlocks(config, (i) => ({ rope: rotary[i] === 0 ? null : config.rope, window: types[i] === 'sliding_attention' ? window : null })),
      bias: { qkv: attention, out: attention, mlp: read.flag('mlp_bias', false) },
    };
  },
  loraTargets: [],
});
