/** One case of the memory benchmark: a model shape, a length and a method, with random rows that fill every slot. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS } from '../src/shared/methods/index.ts';
import { loraAdapter, type LoraAdapter } from '../src/shared/schema/recipe.ts';
import type { TrainRow } from '../src/main/engine/methods/example-row.ts';
import { openModelFolder } from '../src/main/engine/io/model-folder.ts';
import { Random } from '../src/main/engine/nn/random.ts';
import { trainRun, type TrainOptions } from '../src/main/engine/train/index.ts';
import { loadModel } from '../src/main/engine/train/load.ts';
import { planStep, type MemoryEstimate } from '../src/main/engine/train/plan.ts';
import { prepareRun } from '../src/main/engine/train/setup.ts';

export interface PlanCase { name: string; folder: string; method: 'sft' | 'dpo'; length: number; batch: number; adapter: Partial<LoraAdapter> | null; train?: Record<string, unknown>; prepack?: boolean; held?: number; steps?: number }
export interface Resident { peak: number; now: number; anonymous: number; file: number }
export interface Moment extends Resident { at: string }
export interface PlanMeasurement { moments: Moment[]; peak: number }

const THREADS = 2;

export function caseOptions(c: PlanCase, runFolder: string): TrainOptions {
  const vocabulary = Number(openModelFolder(c.folder).config['vocab_size']);
  const random = new Random(1);
  const ids = (n: number): number[] => Array.from({ length: n }, () => random.below(vocabulary));
  const plain = (source: number): TrainRow => ({ ids: Int32Array.from(ids(c.length)), mask: new Uint8Array(c.length).fill(1), truncated: false, source });
  // A prompt of half the row, answers of a quarter each.
  const pair = (source: number): TrainRow => {
    const prompt = ids(c.length / 2);
    const answer = (): { ids: number[]; prompt: number } => ({ ids: [...prompt, ...ids(c.length / 4)], prompt: prompt.length });
    return { source, truncated: false, columns: {}, completions: [answer(), answer()] };
  };
  const rows = (n: number): TrainRow[] => Array.from({ length: n }, (_, i) => (c.method === 'dpo' ? pair(i) : plain(i)));
  const steps = c.steps ?? 3;
  const config = METHODS[c.method].train.parse({ per_device_train_batch_size: c.batch, per_device_eval_batch_size: c.batch, max_length: c.length, max_steps: steps, eval_steps: 0, save_steps: 0, compute: 'fp32', ...c.train }) as TrainOptions['config'];
  return {
    method: c.method, config, adapter: c.adapter === null ? null : loraAdapter.parse({ r: 16, target_modules: 'all-linear', ...c.adapter }), modelFolder: c.folder, start: null,
    rows: rows(c.batch * steps), evalRows: rows(c.held ?? 0), runFolder, resume: null, threads: THREADS, recipeHash: 'bench', ...(c.prepack === undefined ? {} : { prepack: c.prepack }),
  };
}

export function planned(c: PlanCase): MemoryEstimate {
  const options = caseOptions(c, tmpdir());
  return planStep(prepareRun(options, loadModel(options), { values: false })).memory;
}

/** What the process holds once each component is there: growth of its resident memory between moments of the run. */
export interface Components { process: number; /** Programs of the first step: weights, copies, activations. */ firstRun: number; /** Gradients and optimiser: the steps after it. */ steps: number; /** Scoring held-out rows, and the checkpoint. */ rest: number }

export function components({ moments, peak }: PlanMeasurement): Components {
  const now = (at: string): number => moments.find((m) => m.at === at)?.now ?? 0;
  const warm = moments.filter((m) => m.at === 'start').at(-1)?.now ?? 0, steps = moments.filter((m) => m.at.startsWith('step')).map((m) => m.now);
  const last = Math.max(warm, ...steps.slice(0, -1));
  return { process: now('phase setup'), firstRun: warm - now('phase setup'), steps: last - warm, rest: peak - last };
}

/** Runs the case from its first phase to its checkpoint; `look` reads the counters of the system. */
export async function measured(c: PlanCase, look: () => Resident): Promise<PlanMeasurement> {
  const runFolder = mkdtempSync(join(tmpdir(), 'plan-run-'));
  try {
    const moments: Moment[] = [{ at: 'start', ...look() }];
    const options = caseOptions(c, runFolder);
    await trainRun(options, (event) => {
      const at = event.type === 'phase' ? `phase ${event.phase}` : event.type === 'metric' ? `step ${event.step}` : event.type;
      moments.push({ at, ...look() });
    });
    return { moments, peak: look().peak };
  } finally {
    rmSync(runFolder, { recursive: true, force: true });
  }
}
