/** A tiny random model in a temporary folder, and rows for it. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/main/engine/nn/random.ts';
import type { EncodedRow } from '../../src/main/engine/methods/encoded-row.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';

export const TINY = {
  model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 40, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2,
  max_position_embeddings: 64, rms_norm_eps: 1e-6, tie_word_embeddings: true, initializer_range: 0.2, eos_token_id: 1, bos_token_id: null, pad_token_id: 0,
};

export function tinyModel(config: Record<string, unknown> = TINY, seed = 3): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-model-'));
  initModel(config, folder, seed);
  return folder;
}

/** Rows of 4 to 15 tokens; the first third of each is context. */
export function tinyRows(count: number, seed = 5, vocabulary = 40): EncodedRow[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, source) => {
    const n = 4 + random.below(12);
    return { ids: Int32Array.from({ length: n }, () => 2 + random.below(vocabulary - 2)), mask: Uint8Array.from({ length: n }, (_x, i) => (i < n / 3 ? 0 : 1)), truncated: false, source };
  });
}
