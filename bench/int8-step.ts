/**
 * A step in fp32 and in int8, in turn in one process, of a LoRA r=16 on all linear layers: what `compute: auto` asks for beside the loss curves. And the set-up: from options to a run that has taken its largest step, in int8 when the 8-bit copies are made and when they are found.
 * Prints one JSON line; bench/int8-summary.ts records it as `step:<file>`.
 *   node bench/int8-step.ts <model folder> <sft | dpo | reward> <row length> <rounds>
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS, type MethodId } from '../src/shared/methods/index.ts';
import { loadModel } from '../src/main/engine/train/load.ts';
import type { TrainOptions } from '../src/main/engine/train/options.ts';
import { prepareRun, warmUp, type RunSetup } from '../src/main/engine/train/setup.ts';
import { trainStep } from '../src/main/engine/train/train-step.ts';
import { isExample } from '../src/main/engine/methods/example-row.ts';
import { caseOptions } from './plan-case.ts';

export interface Int8StepReport { method: MethodId; length: number; fp32: number[]; int8: number[]; /** Milliseconds of `prepareRun`, and of the first step after it. */ setup: Record<'fp32' | 'made' | 'found', { prepareMs: number; firstMs: number }> }

const ROOM = 64e9;

export async function measureStep(model: string, method: 'sft' | 'dpo' | 'reward', length: number, rounds: number): Promise<Int8StepReport> {
  const folder = mkdtempSync(join(tmpdir(), 'int8-step-'));
  const setup = {} as Int8StepReport['setup'];
  const open = async (compute: 'fp32' | 'int8', as: keyof Int8StepReport['setup']): Promise<RunSetup> => {
    const base = caseOptions({ name: as, folder: model, method: method === 'reward' ? 'dpo' : method, length, batch: method === 'sft' ? 1 : 2, adapter: {}, steps: 1000 }, folder);
    const options: TrainOptions = { ...base, method, rows: base.rows.slice(0, 64).map((row) => (method === 'reward' && isExample(row) ? { ...row, columns: { margin: 0 } } : row)), config: { ...METHODS[method].train.parse({ max_length: length, per_device_train_batch_size: base.config.per_device_train_batch_size, max_steps: 1000 }), compute } as TrainOptions['config'], freeMemory: ROOM, int8Cache: join(folder, 'int8'), graphCache: join(folder, 'graphs') };
    const loaded = loadModel(options);
    const began = performance.now();
    const run = prepareRun(options, loaded);
    const prepared = performance.now();
    await warmUp(run);
    setup[as] = { prepareMs: prepared - began, firstMs: performance.now() - prepared };
    return run;
  };
  try {
    const made = await open('int8', 'made');
    await made.pool.dispose();
    await made.optimiser.dispose();
    const runs = [await open('fp32', 'fp32'), await open('int8', 'found')] as const;
    const time = async (run: RunSetup): Promise<number> => { const t = performance.now(); await trainStep(run); return performance.now() - t; };
    for (const run of runs) await time(run);
    const report: Int8StepReport = { method, length, fp32: [], int8: [], setup };
    for (let i = 0; i < rounds; i++) {
      // Neither is always the one that comes after the other.
      const order = i % 2 === 0 ? ['fp32', 'int8'] as const : ['int8', 'fp32'] as const;
      for (const which of order) report[which].push(await time(runs[which === 'fp32' ? 0 : 1]));
    }
    for (const run of runs) { await run.pool.dispose(); await run.optimiser.dispose(); }
    return report;
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

/** Median over the rounds of fp32's time by int8's. */
export function speedup({ fp32, int8 }: Pick<Int8StepReport, 'fp32' | 'int8'>): number {
  const ratios = fp32.map((ms, i) => ms / int8[i]!).sort((a, b) => a - b);
  return (ratios[(ratios.length - 1) >> 1]! + ratios[ratios.length >> 1]!) / 2;
}

const [model, method, length, rounds] = process.argv.slice(2);
if (process.argv[1]?.endsWith('int8-step.ts') === true && model !== undefined && (method === 'sft' || method === 'dpo' || method === 'reward')) process.stdout.write(`${JSON.stringify(await measureStep(model, method, Number(length ?? 512), Number(rounds ?? 8)))}\n`);
