/** Trains one method on the generated task and measures held-out accuracy before and after: the share of pairs whose chosen answer has the higher log-probability under the policy (a higher score, for a reward model). One measure for all methods, and not the one that
 * a method reports about itself. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS } from '../../src/shared/methods/index.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';
import type { StartWeights } from '../../src/main/engine/train/options.ts';
import { scoreCompletions } from '../../src/main/engine/train/score-completions.ts';
import { RewardScorer } from '../../src/main/engine/train/score.ts';
import type { LearningCase } from './cases.ts';
import { judged, MANNERS_MODEL, mannersTask } from './manners-task.ts';

const TRAIN_PAIRS = 512, HELD_OUT = 200;
const COMMON = { learning_rate: 3e-3, max_steps: 100, per_device_train_batch_size: 32, lr_scheduler_type: 'linear', warmup_steps: 10, max_length: 64, eval_steps: 0, save_steps: 0 };

/** Accuracies, 0 to 1. */
export interface Learned { start: number; final: number }

export class LearningTask {
  readonly #folder: string;
  readonly #model: string;
  readonly #seed: number;
  readonly #pairs: ReturnType<typeof mannersTask>;
  #start: number | undefined;

  /** The seed decides the pairs, the model's first weights and the order of the rows. */
  constructor(seed: number) {
    this.#seed = seed;
    this.#folder = mkdtempSync(join(tmpdir(), 'learning-'));
    this.#model = join(this.#folder, 'model');
    initModel(MANNERS_MODEL, this.#model, seed);
    this.#pairs = mannersTask(seed, TRAIN_PAIRS, HELD_OUT);
  }

  dispose(): void { rmSync(this.#folder, { recursive: true, force: true }); }

  async learn({ method, train }: LearningCase): Promise<Learned> {
    const config = METHODS[method].train.parse({ ...COMMON, seed: this.#seed, ...train });
    const single = method === 'kto' || method === 'bco';
    const { checkpoint } = await trainRun({
      method, config, adapter: null, modelFolder: this.#model, start: null, rows: single ? judged(this.#pairs.train, method === 'kto') : this.#pairs.train, evalRows: [],
      runFolder: mkdtempSync(join(this.#folder, 'run-')), resume: null, threads: 1, recipeHash: 'learning',
    }, () => undefined);
    const trained: StartWeights = { folder: checkpoint!, kind: 'full' };
    // A new scalar head is part of the start of a reward model, so there the start is a run of no learning.
    if (method === 'reward') return { start: await this.#untrainedHead(), final: await this.#byScore(trained) };
    return { start: this.#start ??= await this.#byLogp(null), final: await this.#byLogp(trained) };
  }

  async #untrainedHead(): Promise<number> {
    const config = METHODS.reward.train.parse({ ...COMMON, seed: this.#seed, learning_rate: 0, max_steps: 1 });
    const { checkpoint } = await trainRun({
      method: 'reward', config, adapter: null, modelFolder: this.#model, start: null, rows: this.#pairs.train.slice(0, 32), evalRows: [], runFolder: mkdtempSync(join(this.#folder, 'run-')), resume: null, threads: 1, recipeHash: 'learning',
    }, () => undefined);
    return this.#byScore({ folder: checkpoint!, kind: 'full' });
  }

  async #byLogp(start: StartWeights | null): Promise<number> {
    const found = await scoreCompletions({ modelFolder: this.#model, start, rows: this.#pairs.heldOut, maxLength: COMMON.max_length, threads: 1 });
    return accuracy(this.#pairs.heldOut, found.map((f) => f.logps));
  }

  async #byScore(start: StartWeights): Promise<number> {
    const scorer = new RewardScorer({ modelFolder: this.#model, start, adapter: null, batch: 32, threads: 1 });
    try {
      return accuracy(this.#pairs.heldOut, await scorer.score(this.#pairs.heldOut));
    } finally { await scorer.dispose(); }
  }
}

/** A tie is no win. */
function accuracy(rows: readonly ExampleRow[], found: readonly (readonly number[])[]): number {
  if (found.length !== rows.length) throw new RangeError('every held-out pair must be scored');
  return found.filter(([chosen, rejected]) => chosen! > rejected!).length / found.length;
}
