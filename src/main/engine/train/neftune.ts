/** NEFTune: uniform noise on the token embeddings of training steps, of size alpha / sqrt(L * d) with L the longest row of the micro-batch and d the hidden size. As in transformers, where L is the padded length.
 * Every micro-batch draws from a stream of its own, so that nothing but seed and step must be known to repeat it. Source: Jain et al. 2023. */

import { Random, STREAM } from '../nn/random.ts';
import type { BatchShape } from './batch.ts';

export const NOISE_INPUT = 'neftune_noise';

/** `path`: seed, step, micro-batch. Empty without noise. */
export function noiseFeeds(alpha: number | null, shape: BatchShape, hidden: number, longest: number, path: readonly number[]): Record<string, Float32Array> {
  if (alpha === null || alpha === 0) return {};
  const noise = new Float32Array(shape.rows * shape.length * hidden);
  const random = new Random(path[0] ?? 0, STREAM.neftune, ...path.slice(1));
  const size = alpha / Math.sqrt(Math.max(1, longest) * hidden) / 0x80000000;
  for (let i = 0; i < noise.length; i++) noise[i] = (random.uint32() - 0x80000000) * size;
  return { [NOISE_INPUT]: noise };
}

/** The noise of a configuration whose method knows it. */
export function noiseAlpha(config: { neftune_noise_alpha?: number | null } | object): number | null {
  return 'neftune_noise_alpha' in config ? (config.neftune_noise_alpha ?? null) : null;
}
