/** Which layers see only a window of the past: `layer_types`, or the older keys of each family. */

import { configError } from './config-error.ts';
import { ConfigReader, type BlockConfig, type DecoderConfig } from './config.ts';

const TYPES = ['full_attention', 'sliding_attention', 'conv'] as const;
export type LayerType = (typeof TYPES)[number];
const isType = (entry: unknown): entry is LayerType => (TYPES as readonly unknown[]).includes(entry);

/** `layer_types` when the config has it, else what `otherwise` says of each layer. */
export function layerTypes(read: ConfigReader, layers: number, allowed: readonly LayerType[], otherwise: (layer: number) => LayerType): LayerType[] {
  const types = read.perLayer('layer_types', layers, isType, allowed.join(' or ')) ?? Array.from({ length: layers }, (_, i) => otherwise(i));
  const other = types.find((t) => !allowed.includes(t));
  if (other !== undefined) throw configError(`"layer_types" has ${other}, which this model type does not know (${allowed.join(' or ')})`);
  return types;
}

/** The window of `sliding_window`: a positive integer, or null where the config switches it off. */
export function slidingWindow(read: ConfigReader, fallback: number | null): number | null {
  const window = read.optional('sliding_window', fallback);
  if (window !== null && !Number.isInteger(window)) throw configError(`"sliding_window" must be a positive integer or null but is ${window}`);
  return window;
}

/** The config with each block changed by its type. */
export function withBlocks(config: DecoderConfig, change: (layer: number) => Partial<BlockConfig>): DecoderConfig {
  return { ...config, blocks: config.blocks.map((block, i) => ({ ...block, ...change(i) })) };
}

/** Qwen's switch: a window from layer `max_window_layers` on when `use_sliding_window` is set. */
export function qwenWindows(json: Record<string, unknown>, config: DecoderConfig): DecoderConfig {
  const read = new ConfigReader(json);
  const window = read.flag('use_sliding_window', false) ? slidingWindow(read, 4096) : null;
  const from = window === null ? 0 : maxWindowLayers(read);
  const types = layerTypes(read, config.layers, ['full_attention', 'sliding_attention'], (i) => (window !== null && i >= from ? 'sliding_attention' : 'full_attention'));
  return withBlocks(config, (i) => ({ window: types[i] === 'sliding_attention' ? window : null }));
}

function maxWindowLayers(read: ConfigReader): number {
  const value = read.number('max_window_layers', 28);
  if (!Number.isInteger(value) || value < 0) throw configError(`"max_window_layers" must be a whole number but is ${value}`);
  return value;
}
