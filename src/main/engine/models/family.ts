/** The definition object of a model family: one per Hugging Face `model_type`, in one file, with one line in the registry. */

import type { Graph, Value } from '../graph/node.ts';
import type { DecoderConfig } from './config.ts';

/** `module` is the dotted path of the layer that owns the parameter; a bias is `${module}.bias`. */
export interface ParameterSpec { name: string; shape: readonly number[]; role: 'embedding' | 'linear' | 'bias' | 'norm' | 'head' }
export interface LinearSpec { module: string; layer: number; inFeatures: number; outFeatures: number; bias: boolean }

/** Queries after rotary positions [B, heads, T, headDim]; keys and values [B, kvHeads, T, headDim]. */
export interface AttentionHeads { q: Value; k: Value; v: Value }

/** What a forward pass needs from its surroundings. Training and generation give different ones; the layer code is the same. */
export interface ForwardContext {
  graph: Graph;
  /** A parameter by its Hugging Face name, in the graph's real type. */
  parameter: (name: string) => Value;
  /** y [N, out] of the linear layer at `module` for x [N, in]: where adapters attach. */
  linear: (spec: LinearSpec, x: Value) => Value;
  /** Attention of one layer -> [B, heads, T, headDim]: causal over the row, or over a cache. */
  attention: (layer: number, heads: AttentionHeads, scale: number) => Value;
  /** Positions never reach this number: the length of the rotary tables. */
  maxPositions: number;
}

/** Token ids and positions, both int64 [B, T]. */
export interface TokenInput { ids: Value; positions: Value }

export interface ModelFamily {
  /** Hugging Face model_type. */
  id: string;
  /** Throws `model-config-invalid` with what is wrong and what was expected. */
  parseConfig: (json: Record<string, unknown>) => DecoderConfig;
  /** All parameters in the order of the checkpoint; a tied output head is not listed. */
  parameters: (config: DecoderConfig) => ParameterSpec[];
  /** All linear layers but the output head: what LoRA may adapt. */
  linears: (config: DecoderConfig) => LinearSpec[];
  /** PEFT's default target_modules; empty when PEFT has none and they must be named. */
  loraTargets: readonly string[];
  /** Hidden states [B*T, hidden] after the final norm. */
  hidden: (ctx: ForwardContext, config: DecoderConfig, tokens: TokenInput) => Value;
  /** Name of the parameter that maps hidden states to logits [vocab, hidden]. */
  headWeight: (config: DecoderConfig) => string;
}
