/** The definition object of a model family: one per Hugging Face `model_type`, in one file, with one line in the registry. */

import type { Graph, Value } from '../graph/node.ts';
import type { DecoderConfig } from './config.ts';

/** `module` is the dotted path of the layer that owns the parameter; a bias is `${module}.bias`. */
export interface ParameterSpec {
  name: string;
  shape: readonly number[];
  role: 'embedding' | 'linear' | 'bias' | 'norm' | 'conv' | 'head';
  /** A linear weight that lies as [in, out]: GPT-2's Conv1D. */
  transposed?: boolean;
  /** What every element of a new model is, when not what the role says (norms one, biases zero, the rest random). */
  initial?: number;
}
export interface LinearSpec {
  module: string; layer: number; inFeatures: number; outFeatures: number; bias: boolean;
  /** The weight lies as [in, out] and not as [out, in]. Adapters do not care: A is [r, in] and B [out, r] all the same (peft's fan_in_fan_out). */
  transposed?: boolean;
}

/** Queries after rotary positions [B, heads, T, headDim]; keys and values [B, kvHeads, T, headDim]. */
export interface AttentionHeads { q: Value; k: Value; v: Value }

export interface AttentionOptions {
  /** Factor of the scores. */
  scale: number;
  /** Keys that a query sees on its path, its own included; null: all. */
  window: number | null;
  /** Scores become cap * tanh(score / cap); null: as they are. */
  softcap: number | null;
}

/** What a forward pass needs from its surroundings. Training and generation give different ones; the layer code is the same. `rowContext` is the plain one. */
export interface ForwardContext {
  graph: Graph;
  /** A parameter by its Hugging Face name, in the graph's real type. */
  parameter: (name: string) => Value;
  /** y [N, out] of the linear layer at `module` for x [N, in]: where adapters attach. */
  linear: (spec: LinearSpec, x: Value) => Value;
  /** Several layers of one input, where doing them together is cheaper than one by one. */
  linears?: (specs: readonly LinearSpec[], x: Value) => Value[];
  /** Attention of one layer -> [B, heads, T, headDim]: causal over the row, or over a cache. */
  attention: (layer: number, heads: AttentionHeads, options: AttentionOptions) => Value;
  /** Token embeddings [B*T, hidden] on their way into the first layer: where training adds noise. */
  embedded?: (x: Value) => Value;
  /** What a short convolution of `layer` reads beside x [B*T, C] itself: the x of the 1st, 2nd ... `steps`-th token before each on its own path, zeros where the path begins. Each [B*T, C]. */
  before: (layer: number, x: Value, steps: number) => Value[];
  /** Tokens of the whole sequence that each slot belongs to, int32 or int64, [B, T] or [B, 1]. Asked only by rope scalings that depend on it. */
  sequenceLengths: () => Value;
  /** Positions never reach this number: the length of the rotary tables. */
  maxPositions: number;
}

/** Token ids and positions, both int32 or int64 [B, T]. */
export interface TokenInput { ids: Value; positions: Value }

export interface ModelFamily {
  /** Hugging Face model_type. */
  id: string;
  /** Other model_types whose config.json (or its text part) this family reads. */
  aliases?: readonly string[];
  /** Throws `model-config-invalid` with what is wrong and what was expected. */
  parseConfig: (json: Record<string, unknown>) => DecoderConfig;
  /** All parameters in the order of the checkpoint; a tied output head is not listed. */
  parameters: (config: DecoderConfig) => ParameterSpec[];
  /** Other names under which checkpoints hold a parameter, in the order to try. Names without the base model's prefix (`model.`, `transformer.`) are tried for every family. */
  otherNames?: (name: string) => readonly string[];
  /** All linear layers but the output head: what LoRA may adapt. */
  linears: (config: DecoderConfig) => LinearSpec[];
  /** PEFT's default target_modules; empty when PEFT has none and they must be named. */
  loraTargets: readonly string[];
  /** Hidden states [B*T, hidden] after the final norm. */
  hidden: (ctx: ForwardContext, config: DecoderConfig, tokens: TokenInput) => Value;
  /** Name of the parameter that maps hidden states to logits [vocab, hidden]. `headLogits` does it, with the config's scale and softcap. */
  headWeight: (config: DecoderConfig) => string;
}
