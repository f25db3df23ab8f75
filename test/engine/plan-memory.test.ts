/** The planned peak against what the system measured: each configuration in a process of its own that runs the real loop. Only Linux keeps the high-water mark where we read it. */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planned, type PlanCase } from '../../bench/plan-case.ts';
import { measure } from '../../bench/plan.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-memory-'));
const demo = join(folder, 'demo'), wide = join(folder, 'wide');
cpSync(join(import.meta.dirname, '../../resources/demo/model'), demo, { recursive: true });
initModel({ model_type: 'llama', vocab_size: 16_000, hidden_size: 256, intermediate_size: 768, num_hidden_layers: 6, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 1024, rms_norm_eps: 1e-5, tie_word_embeddings: true }, wide, 1);
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const CASES: readonly PlanCase[] = [
  { name: 'the demo model, LoRA', folder: demo, method: 'sft', length: 256, batch: 8, adapter: {} },
  { name: 'the demo model, all weights', folder: demo, method: 'sft', length: 256, batch: 4, adapter: null },
  { name: 'a large vocabulary, LoRA', folder: wide, method: 'sft', length: 512, batch: 2, adapter: {} },
  { name: 'pairs', folder: wide, method: 'dpo', length: 256, batch: 4, adapter: {} },
];

describe.runIf(process.platform === 'linux')('planned within 15 % of the measured peak', () => {
  it.each(CASES.map((c) => [c.name, c] as const))('%s', (_name, c) => {
    const { peak } = measure({ ...c, steps: 2 });
    expect(Math.abs(planned({ ...c, steps: 2 }).total / peak - 1)).toBeLessThan(0.15);
  });
});
