/** Mistral: Llama with a sliding window in every layer (4096 in version 0.1; null in later ones). Ministral's layer_types are read where the config has them. */

import { ConfigReader, parseDecoder } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { layerTypes, slidingWindow, withBlocks } from './layer-types.ts';

export const mistral = decoderFamily({
  id: 'mistral',
  parseConfig: (json) => {
    const read = new ConfigReader(json);
    const config = parseDecoder(json, { kvHeads: 8, maxPositions: 131_072, tieEmbeddings: false, ropeTheta: 10_000 });
    const window = slidingWindow(read, 4096);
    const types = layerTypes(read, config.layers, ['full_attention', 'sliding_attention'], () => 'sliding_attention');
    return withBlocks(config, (i) => ({ window: types[i] === 'sliding_attention' ? window : null }));
  },
  loraTargets: ['q_proj', 'v_proj'],
});
