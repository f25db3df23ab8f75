/** `npm run bench -- plan`: planned peak memory beside the measured one (the system's high-water mark of a process that runs the real loop), over models, lengths, adapters and methods. Linux only. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initModel } from '../src/main/engine/train/init-model.ts';
import type { Benchmark, Figure } from './figure.ts';
import { SHAPE } from './lora-135m.ts';
import { components, planned, type PlanCase, type PlanMeasurement } from './plan-case.ts';

const BASE = { ...SHAPE, vocab_size: 32_000, hidden_size: 384, intermediate_size: 1024, num_hidden_layers: 10, num_attention_heads: 6, num_key_value_heads: 2 };
type Model = '4M' | '30M' | '135M';
type Case = Omit<PlanCase, 'folder'> & { model: Model };

const both = (model: Model, lengths: readonly number[], batch: number): Case[] => lengths.flatMap((length) => (['LoRA', 'full'] as const).map((kind): Case => ({ name: `${model} ${kind} ${batch}x${length}`, model, method: 'sft', length, batch, adapter: kind === 'LoRA' ? {} : null })));
const CASES: readonly Case[] = [
  ...both('4M', [128, 512], 8), ...both('30M', [256, 1024], 2), ...both('135M', [256, 1024], 1),
  { name: '30M DPO LoRA 4x512', model: '30M', method: 'dpo', length: 512, batch: 4, adapter: {} },
  { name: '30M DPO full 2x512', model: '30M', method: 'dpo', length: 512, batch: 2, adapter: null },
  { name: '135M LoRA 1x512, lean', model: '135M', method: 'sft', length: 512, batch: 1, adapter: {}, prepack: false, train: { gradient_checkpointing: true } },
  { name: '30M LoRA 2x1024, recomputed', model: '30M', method: 'sft', length: 1024, batch: 2, adapter: {}, train: { gradient_checkpointing: true } },
  { name: '30M LoRA 2x1024, packed', model: '30M', method: 'sft', length: 1024, batch: 2, adapter: {}, prepack: true },
  { name: '30M LoRA 2x512, held-out rows', model: '30M', method: 'sft', length: 512, batch: 2, adapter: {}, held: 8 },
];
const WITHIN = 0.15;

export const plan: Benchmark = {
  id: 'plan',
  run: (say) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-plan-'));
    try {
      initModel(BASE, join(folder, '30M'), 1);
      initModel(SHAPE, join(folder, '135M'), 1);
      cpSync(join(import.meta.dirname, '../resources/demo/model'), join(folder, '4M'), { recursive: true });
      return Promise.resolve(CASES.map(({ model, ...c }): Figure => {
        say(`measuring ${c.name}`);
        return figureOf({ ...c, folder: join(folder, model) });
      }));
    } finally { rmSync(folder, { recursive: true, force: true }); }
  },
};

export function measure(c: PlanCase): PlanMeasurement {
  return JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, 'plan-child.ts'), JSON.stringify(c)], { encoding: 'utf8', maxBuffer: 1 << 24 })) as PlanMeasurement;
}

function figureOf(c: PlanCase): Figure {
  const measured = measure(c), { total, ...parts } = planned(c);
  const mb = (named: object): Record<string, number> => Object.fromEntries(Object.entries(named).map(([k, v]) => [k, Math.round(Number(v) / 1e6)]));
  const told = (kind: string, named: object): Record<string, number> => Object.fromEntries(Object.entries(mb(named)).map(([k, v]) => [`${kind}_${k}_mb`, v]));
  return { name: c.name, value: Math.abs(total / measured.peak - 1), unit: '', target: { at: 'most', value: WITHIN }, detail: { planned_mb: Math.round(total / 1e6), measured_mb: Math.round(measured.peak / 1e6), ...told('planned', parts), ...told('measured', components(measured)) } };
}
