// The architecture of the demo model and its initial weights.

import { mkdirSync } from 'node:fs';
import { writeModelFiles } from '../../../src/main/engine/io/save-model.ts';
import { parseModel } from '../../../src/main/engine/models/index.ts';
import type { ParsedModel } from '../../../src/main/engine/models/index.ts';
import { seeded } from '../random.ts';
import { maxPositions, vocabularySize } from '../train-bpe.ts';

export const modelConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: vocabularySize,
  hidden_size: 256,
  intermediate_size: 640,
  num_hidden_layers: 5,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 32,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  max_position_embeddings: maxPositions,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  initializer_range: 0.02,
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 3,
} as const;

/** A normal deviate from two of the generator's integers (Box and Muller, 1958). */
function normals(seed: number, stream: string, count: number, deviation: number): Float32Array {
  const random = seeded(seed, stream);
  const out = new Float32Array(count);
  const span = 2 ** 24;
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((random.below(span) + 1) / span)) * deviation;
    const angle = (2 * Math.PI * random.below(span)) / span;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** Writes config.json and float32 weights: norms 1, the layers that write into the residual stream scaled by the depth (GPT-2's rule), the rest normal with 0.02. */
export function writeInitialModel(folder: string, seed: number, config: Record<string, unknown> = modelConfig): ParsedModel {
  mkdirSync(folder, { recursive: true });
  const model = parseModel(config);
  const residual = 0.02 / Math.sqrt(2 * model.config.layers);
  const weights = model.family.parameters(model.config).map((spec) => ({
    name: spec.name,
    shape: spec.shape,
    data: (): Float32Array => {
      const count = spec.shape.reduce((a, b) => a * b, 1);
      if (spec.role === 'norm') return new Float32Array(count).fill(1);
      return normals(seed, spec.name, count, /o_proj|down_proj/.test(spec.name) ? residual : 0.02);
    },
  }));
  writeModelFiles(folder, config, weights, 'F32');
  return model;
}
