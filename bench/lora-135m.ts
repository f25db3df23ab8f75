/** LoRA r=16 on all linear layers of the SmolLM2-135M shape (random weights), T=512 and 1024, 2 threads: step time beside the MatMul peak of the same process, memory, session creation.
 * Each setting runs in a process of its own, because peak memory belongs to a process. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initModel } from '../src/main/engine/train/init-model.ts';
import type { Benchmark, Figure } from './figure.ts';
import type { StepReport } from './lora-step.ts';

export const SHAPE = {
  model_type: 'llama', vocab_size: 49_152, hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30, num_attention_heads: 9, num_key_value_heads: 3, max_position_embeddings: 2048,
  rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true,
};

export const lora135: Benchmark = {
  id: 'lora-135m',
  run: async (say) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-135m-'));
    try {
      say('writing random weights of the 135M shape');
      initModel(SHAPE, folder, 1);
      const measure = (setting: string, rounds: number, length = 512): StepReport => {
        say(`measuring ${setting}, ${length} tokens`);
        return JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, 'lora-step.ts'), folder, setting, String(rounds), String(length)], { encoding: 'utf8', maxBuffer: 1 << 24 })) as StepReport;
      };
      const fast = measure('default', 15);
      const lean = measure('lean', 7);
      const long = measure('default', 7, 1024);
      return Promise.resolve([...figures('', fast, 2.6), ...figures(' lean', lean, 1.2), ...figures(' 1024', long, null)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Without a name: as the planner chooses with room; `lean`: recomputation on; `1024`: rows of so many tokens. */
function figures(suffix: string, r: StepReport, gigabytes: number | null): Figure[] {
  const best = Math.min(...r.stepMs);
  const detail = { step_ms: r.stepMs, peak_gflops: r.peakGflops, gflop: r.gflop };
  const list: Figure[] = [
    { name: `step best${suffix}`, value: best, unit: 'ms', detail },
    { name: `step median${suffix}`, value: median(r.stepMs), unit: 'ms' },
    { name: `MatMul peak${suffix}`, value: Math.max(...r.peakGflops), unit: 'GFLOP/s' },
    { name: `peak RSS${suffix}`, value: r.peakRss / 1e9, unit: 'GB', ...(gigabytes === null ? {} : { target: { at: 'most' as const, value: gigabytes } }) },
    { name: `memory plan off by${suffix}`, value: Math.abs(r.plannedBytes / r.peakRss - 1), unit: '', target: { at: 'most', value: 0.15 }, detail: { planned_gb: r.plannedBytes / 1e9 } },
    { name: `session creation${suffix}`, value: r.createSeconds, unit: 's', ...(suffix === '' ? { target: { at: 'most' as const, value: 3 } } : {}) },
  ];
  // Each step is set against the MatMul rates measured just before and just after it. Recomputed products are never counted. The share counts attention in full, as
  // the field counts it; the strict one only what is computed (blocks above the diagonal are skipped).
  const paired = (gflop: number): number[] => r.stepMs.map((ms, i) => gflop / (ms / 1000) / ((r.peakGflops[i]! + r.peakGflops[i + 1]!) / 2));
  list.push({ name: `share of MatMul peak${suffix}`, value: median(paired(r.fullGflop)), unit: '', ...(suffix !== ' lean' ? { target: { at: 'least' as const, value: 0.7 } } : {}), detail: { paired: paired(r.fullGflop), gflop: r.fullGflop, note: 'median over the rounds of one process; attention counted in full' } });
  list.push({ name: `share of MatMul peak${suffix}, computed products only`, value: median(paired(r.gflop)), unit: '', detail: { gflop: r.gflop } });
  return list;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
