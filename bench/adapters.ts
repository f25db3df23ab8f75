/** Adapters on the SmolLM2-135M shape (random weights), r=16 on all linear layers, T=512, 2 threads: what DoRA, PiSSA and a 4-bit base cost in time and memory beside plain LoRA. A process per setting, because peak memory belongs to a process. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initModel } from '../src/main/engine/train/init-model.ts';
import { ADAPTER_SETTINGS, type AdapterReport } from './adapter-step.ts';
import type { Benchmark, Figure } from './figure.ts';
import { SHAPE } from './lora-135m.ts';

export const adapters: Benchmark = {
  id: 'adapters',
  run: (say) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-adapters-'));
    try {
      initModel(SHAPE, folder, 1);
      return Promise.resolve(ADAPTER_SETTINGS.flatMap((setting) => {
        say(`measuring ${setting}`);
        return figures(setting, JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, 'adapter-step.ts'), folder, setting, '6'], { encoding: 'utf8', maxBuffer: 1 << 24 })) as AdapterReport);
      }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function figures(setting: string, r: AdapterReport): Figure[] {
  return [
    { name: `${setting}: step best`, value: Math.min(...r.stepMs), unit: 'ms', detail: { step_ms: r.stepMs } },
    { name: `${setting}: peak RSS`, value: r.peakRss / 1e9, unit: 'GB', detail: { before_first_step_gb: r.setupRss / 1e9, planned_gb: r.plannedBytes / 1e9 } },
    { name: `${setting}: setup`, value: r.setupSeconds, unit: 's', ...(r.costSeconds > 0.1 ? { detail: { measuring_the_base_seconds: r.costSeconds } } : {}) },
  ];
}
