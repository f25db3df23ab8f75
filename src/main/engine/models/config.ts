/** Typed reading of config.json: each value is checked where it is read, and a wrong one is named with what was expected. */

import { configError } from './config-error.ts';
import { parseRope, type RopeConfig } from './rope.ts';

/** What the decoder families have in common. `raw` is config.json as read, kept for export. */
export interface DecoderConfig {
  modelType: string;
  vocabSize: number; hiddenSize: number; intermediateSize: number; layers: number;
  heads: number; kvHeads: number; headDim: number;
  normEps: number; maxPositions: number; tieEmbeddings: boolean;
  rope: RopeConfig;
  /** Which linear layers carry a bias. */
  bias: { qkv: boolean; out: boolean; mlp: boolean };
  raw: Record<string, unknown>;
}

/** Reads fields of config.json with defaults for absent or null ones. */
export class ConfigReader {
  readonly json: Record<string, unknown>;
  constructor(json: Record<string, unknown>) { this.json = json; }

  count(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) throw configError(`"${key}" must be a positive integer but is ${JSON.stringify(value) ?? 'missing'}`);
    return value;
  }
  number(key: string, fallback?: number): number {
    const value = this.json[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw configError(`"${key}" must be a number but is ${JSON.stringify(value) ?? 'missing'}`);
    return value;
  }
  flag(key: string, fallback: boolean): boolean {
    const value = this.json[key] ?? fallback;
    if (typeof value !== 'boolean') throw configError(`"${key}" must be true or false but is ${JSON.stringify(value)}`);
    return value;
  }
  /** Refuses any value but the given one: for features that are not built. */
  only(key: string, expected: string | boolean, feature: string): void {
    const value = this.json[key] ?? expected;
    if (value !== expected) throw configError(`"${key}" is ${JSON.stringify(value)}: ${feature} is not supported yet (only ${JSON.stringify(expected)})`);
  }
}

/** The fields that every decoder family reads in the same way; families adjust the result. */
export function parseDecoder(json: Record<string, unknown>, defaults: { kvHeads?: number; maxPositions: number; tieEmbeddings: boolean; ropeTheta: number }): DecoderConfig {
  const read = new ConfigReader(json);
  read.only('hidden_act', 'silu', 'another activation');
  if (json['quantization_config'] !== undefined && json['quantization_config'] !== null) throw configError('the weights are quantised; choose the folder of the unquantised model');
  const hiddenSize = read.count('hidden_size');
  const heads = read.count('num_attention_heads');
  const kvHeads = read.count('num_key_value_heads', defaults.kvHeads ?? heads);
  if (heads % kvHeads !== 0) throw configError(`num_attention_heads (${heads}) is not a multiple of num_key_value_heads (${kvHeads})`);
  if (typeof json['head_dim'] !== 'number' && hiddenSize % heads !== 0) throw configError(`hidden_size (${hiddenSize}) is not a multiple of num_attention_heads (${heads})`);
  const headDim = read.count('head_dim', Math.floor(hiddenSize / heads));
  if (headDim % 2 !== 0) throw configError(`the head size ${headDim} is odd, so rotary positions cannot be applied`);
  const maxPositions = read.count('max_position_embeddings', defaults.maxPositions);
  return {
    modelType: String(json['model_type']),
    vocabSize: read.count('vocab_size'), hiddenSize, intermediateSize: read.count('intermediate_size'), layers: read.count('num_hidden_layers'),
    heads, kvHeads, headDim, normEps: read.number('rms_norm_eps', 1e-6), maxPositions, tieEmbeddings: read.flag('tie_word_embeddings', defaults.tieEmbeddings),
    rope: parseRope(json, { theta: defaults.ropeTheta, maxPositions, headDim }),
    bias: { qkv: false, out: false, mlp: false }, raw: json,
  };
}
