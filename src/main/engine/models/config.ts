/** Typed reading of config.json: each value is checked where it is read, and a wrong one is named with what was expected. */

import { activationOf, type Activation } from './activation.ts';
import { configError } from './config-error.ts';
import { parseRope, type RopeConfig } from './rope-config.ts';

/** How one layer mixes tokens. */
export interface BlockConfig {
  mixer: 'attention' | 'conv';
  /** Keys that a query sees, its own included; null: all. */
  window: number | null;
  /** null: no rotary positions in this layer. */
  rope: RopeConfig | null;
  /** Factor of the attention scores. */
  scale: number;
}

/** What the families have in common. `raw` is the config.json of the text model, for export. */
export interface DecoderConfig {
  modelType: string;
  vocabSize: number; hiddenSize: number; intermediateSize: number; layers: number;
  heads: number; kvHeads: number; headDim: number;
  normEps: number; maxPositions: number; tieEmbeddings: boolean;
  /** Of the layers that have rotary positions and see everything. */
  rope: RopeConfig;
  /** One for each layer. */
  blocks: readonly BlockConfig[];
  /** Which linear layers carry a bias. */
  bias: { qkv: boolean; out: boolean; mlp: boolean };
  activation: Activation;
  /** Norms multiply by weight + normOffset. */
  normOffset: 0 | 1;
  embeddingScale: number;
  attentionSoftcap: number | null;
  /** logits = cap * tanh(scale * h W^T / cap); without a cap scale * h W^T. */
  head: { scale: number; softcap: number | null };
  /** Short convolutions of hybrid models. */
  conv: { kernel: number; bias: boolean } | null;
  /** Positions are an embedding of this many rows (and not rotary); null otherwise. */
  learnedPositions: number | null;
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
  /** A positive number, or null where it is switched off. `fallback` stands for an absent key. */
  optional(key: string, fallback: number | null): number | null {
    const value = this.json[key] === undefined ? fallback : this.json[key];
    if (value === null) return null;
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw configError(`"${key}" must be a positive number or null but is ${JSON.stringify(value)}`);
    return value;
  }
  flag(key: string, fallback: boolean): boolean {
    const value = this.json[key] ?? fallback;
    if (typeof value !== 'boolean') throw configError(`"${key}" must be true or false but is ${JSON.stringify(value)}`);
    return value;
  }
  /** A list with one entry for each layer, or undefined. */
  perLayer<T>(key: string, layers: number, accepts: (entry: unknown) => entry is T, what: string): T[] | undefined {
    const value = this.json[key] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every(accepts)) throw configError(`"${key}" must be a list of ${what}`);
    if (value.length !== layers) throw configError(`"${key}" has ${value.length} entries but the model has ${layers} layers`);
    return value;
  }
  /** Refuses any value but the given one: for features that are not built. */
  only(key: string, expected: string | boolean, feature: string): void {
    const value = this.json[key] ?? expected;
    if (value !== expected) throw configError(`"${key}" is ${JSON.stringify(value)}: ${feature} is not supported (only ${JSON.stringify(expected)})`);
  }
}

export interface DecoderDefaults {
  kvHeads?: number; headDim?: number; maxPositions: number; tieEmbeddings: boolean; ropeTheta: number;
  /** Key of the norm's epsilon and its default. */
  normEps?: [key: string, fallback: number];
  activation?: Activation;
  /** Where the activation's name stands; default hidden_act. */
  activationKeys?: readonly string[];
  /** The family rotates only a part of each head when the config says so. */
  partialRotary?: boolean;
}

/** The fields that every decoder family reads in the same way; families adjust the result. */
export function parseDecoder(json: Record<string, unknown>, defaults: DecoderDefaults): DecoderConfig {
  const read = new ConfigReader(json);
  if (json['quantization_config'] !== undefined && json['quantization_config'] !== null) throw configError('the weights are quantised; choose the folder of the unquantised model');
  const hiddenSize = read.count('hidden_size');
  const heads = read.count('num_attention_heads');
  const kvHeads = read.count('num_key_value_heads', json['num_key_value_heads'] === null ? heads : (defaults.kvHeads ?? heads));
  if (heads % kvHeads !== 0) throw configError(`num_attention_heads (${heads}) is not a multiple of num_key_value_heads (${kvHeads})`);
  const headDim = headSize(read, hiddenSize, heads, defaults.headDim);
  const maxPositions = read.count('max_position_embeddings', defaults.maxPositions);
  const rope = parseRope(json, { theta: defaults.ropeTheta, maxPositions, headDim, partial: defaults.partialRotary ?? false });
  const layers = read.count('num_hidden_layers');
  const name = (defaults.activationKeys ?? ['hidden_act']).map((key) => json[key]).find((value) => value !== undefined && value !== null);
  return {
    modelType: String(json['model_type']),
    vocabSize: read.count('vocab_size'), hiddenSize, intermediateSize: read.count('intermediate_size'), layers, heads, kvHeads, headDim,
    normEps: read.number(...(defaults.normEps ?? ['rms_norm_eps', 1e-6])), maxPositions, tieEmbeddings: read.flag('tie_word_embeddings', defaults.tieEmbeddings),
    rope, blocks: Array.from({ length: layers }, () => ({ mixer: 'attention', window: null, rope, scale: 1 / Math.sqrt(headDim) })),
    bias: { qkv: false, out: false, mlp: false }, activation: name === undefined ? (defaults.activation ?? 'silu') : activationOf(name),
    normOffset: 0, embeddingScale: 1, attentionSoftcap: null, head: { scale: 1, softcap: null }, conv: null, learnedPositions: null, raw: json,
  };
}

function headSize(read: ConfigReader, hiddenSize: number, heads: number, fallback?: number): number {
  const given = typeof read.json['head_dim'] === 'number' || fallback !== undefined;
  if (!given && hiddenSize % heads !== 0) throw configError(`hidden_size (${hiddenSize}) is not a multiple of num_attention_heads (${heads})`);
  const headDim = read.count('head_dim', fallback ?? Math.floor(hiddenSize / heads));
  if (headDim % 2 !== 0) throw configError(`the head size ${headDim} is odd, so rotary positions cannot be applied`);
  return headDim;
}
