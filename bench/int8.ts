/** int8 beside fp32 for a LoRA r=16 on all linear layers of the 135M shape: a step of either in turn (SFT at 512 and 1024 slots, DPO at 512), and what preparing the run takes when the 8-bit copies are made and when they are found. Each row is a process of its own. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INT8_FASTER } from '../src/shared/int8-proof.ts';
import { initModel } from '../src/main/engine/train/init-model.ts';
import type { Benchmark, Figure } from './figure.ts';
import { speedup, type Int8StepReport } from './int8-step.ts';
import { SHAPE } from './lora-135m.ts';

export const int8: Benchmark = {
  id: 'int8',
  run: (say) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-int8-'));
    try {
      say('writing random weights of the 135M shape');
      initModel(SHAPE, folder, 1);
      const figures = ([['sft', 512, 10], ['dpo', 512, 6], ['sft', 1024, 6]] as const).flatMap(([method, length, rounds]): Figure[] => {
        say(`${method}, ${length} slots`);
        const r = JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, 'int8-step.ts'), folder, method, String(length), String(rounds)], { encoding: 'utf8' })) as Int8StepReport;
        const { made, found, fp32 } = r.setup;
        return [
          { name: `135M shape: ${method} ${length}, fp32 over int8`, value: speedup(r), unit: 'x', target: { at: 'least', value: INT8_FASTER }, detail: { fp32_ms: r.fp32, int8_ms: r.int8 } },
          { name: `135M shape: ${method} ${length}, prepared, copies made`, value: made.prepareMs / 1000, unit: 's', detail: { found: found.prepareMs / 1000, fp32: fp32.prepareMs / 1000, first_ms: [made.firstMs, found.firstMs, fp32.firstMs] } },
        ];
      });
      return Promise.resolve(figures);
    } finally { rmSync(folder, { recursive: true, force: true }); }
  },
};
