/** Preference methods against training runs recorded from TRL: loss, pre-clip gradient norm and TRL's metrics of three updates, through token trees with shared prompts and through separate rows. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { METHODS, type MethodId } from '../../src/shared/methods/index.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { trainRun, type TrainEvent } from '../../src/main/engine/train/index.ts';
import { goldenExamples, goldenRun, writeGoldenModel } from './golden-model.ts';

const policy = writeGoldenModel('qwen2');
const reference = writeGoldenModel('qwen2', 0.9);
const classifier = writeGoldenModel('qwen2', 1, { classifier: true });
const temporary = mkdtempSync(join(tmpdir(), 'golden-preference-'));
afterAll(() => { for (const f of [policy, reference, classifier, temporary]) rmSync(f, { recursive: true, force: true }); });

type Kind = 'pairs' | 'judged' | 'mismatched' | 'margins';
interface Case { run: string; method: MethodId; kind: Kind; train?: Record<string, unknown>; /** Metrics whose definition differs on purpose. */ except?: string[] }
const dpo = (run: string, train: Record<string, unknown> = {}): Case => ({ run: `dpo_${run}`, method: 'dpo', kind: 'pairs', train: { loss_type: [run], ...train } });

const CASES: Case[] = [
  dpo('sigmoid'), dpo('hinge'), dpo('ipo'), dpo('exo_pair', { label_smoothing: 1e-3 }), dpo('nca_pair'), dpo('robust', { label_smoothing: 0.1 }), dpo('bco_pair'), dpo('sppo_hard'),
  dpo('aot', { label_smoothing: 0.1 }), dpo('aot_unpaired', { label_smoothing: 0.1 }), dpo('apo_zero'), dpo('apo_down'), dpo('discopop'), dpo('sft'), dpo('sigmoid_norm'),
  dpo('ld0.5', { loss_type: ['sigmoid'], ld_alpha: 0.5 }), dpo('wpo', { loss_type: ['sigmoid'], use_weighting: true }), dpo('fwdkl', { loss_type: ['sigmoid'], f_divergence_type: 'forward_kl' }),
  dpo('js', { loss_type: ['sigmoid'], f_divergence_type: 'js_divergence' }), dpo('alpha0.5', { loss_type: ['sigmoid'], f_divergence_type: 'alpha_divergence', f_alpha_divergence_coef: 0.5 }),
  dpo('mpo', { loss_type: ['sigmoid', 'bco_pair', 'sft'], loss_weights: [0.8, 0.2, 1] }),
  dpo('gas2', { loss_type: ['sigmoid'], per_device_train_batch_size: 1, gradient_accumulation_steps: 2 }),
  ...['sigmoid', 'hinge', 'ipo'].map((loss): Case => ({ run: `cpo_${loss}`, method: 'cpo', kind: 'pairs', train: { loss_type: loss }, except: ['logits/chosen', 'logits/rejected'] })),
  { run: 'simpo', method: 'cpo', kind: 'pairs', train: { loss_type: 'simpo', cpo_alpha: 0, beta: 2, simpo_gamma: 0.5 } },
  { run: 'alphapo', method: 'cpo', kind: 'pairs', train: { loss_type: 'simpo', cpo_alpha: 0, beta: 2, simpo_gamma: 0.5, alpha: 0.25 } },
  { run: 'orpo', method: 'orpo', kind: 'pairs', except: ['logits/chosen', 'logits/rejected'] },
  { run: 'kto_kto', method: 'kto', kind: 'mismatched', train: { undesirable_weight: 1.5 } },
  { run: 'kto_apo_zero_unpaired', method: 'kto', kind: 'mismatched', train: { loss_type: 'apo_zero_unpaired', undesirable_weight: 1.5 } },
  { run: 'bco', method: 'bco', kind: 'judged', except: ['logits/chosen', 'logits/rejected'] },
  { run: 'reward', method: 'reward', kind: 'pairs' },
  { run: 'reward_center0.01', method: 'reward', kind: 'pairs', train: { center_rewards_coefficient: 0.01 } },
  { run: 'reward_margin', method: 'reward', kind: 'margins' },
];

async function runCase(c: Case, rows: readonly ExampleRow[]): Promise<Record<string, number>[]> {
  const config = METHODS[c.method].train.parse({ learning_rate: 1e-3, max_steps: 3, per_device_train_batch_size: 2, shuffle: false, lr_scheduler_type: 'linear', eval_steps: 0, save_steps: 0, ...c.train });
  const events: TrainEvent[] = [];
  const modelFolder = c.method === 'reward' ? classifier : policy;
  await trainRun({
    method: c.method, config, adapter: null, modelFolder, start: null, reference: c.method === 'reward' ? null : { modelFolder: reference, start: null },
    rows, evalRows: [], runFolder: mkdtempSync(join(temporary, 'run-')), resume: null, threads: 1, recipeHash: 'golden',
  }, (e) => events.push(e));
  return events.flatMap((e) => (e.type === 'metric' ? [e.values] : []));
}

function compare(c: Case, steps: readonly Record<string, number>[]): void {
  const golden = goldenRun(c.run).steps as unknown as Record<string, number>[];
  expect(steps.length).toBe(golden.length);
  golden.forEach((want, i) => {
    for (const [key, expected] of Object.entries(want)) {
      if (c.except?.includes(key) === true || (key === 'nll_loss' && c.train?.['cpo_alpha'] === 0)) continue;
      const got = steps[i]![key];
      expect(got, `${key} is measured`).toBeDefined();
      const tolerance = key === 'loss' ? (i === 0 ? 3e-6 : 2e-5) : key === 'grad_norm' ? 2e-5 : 1e-4;
      const floor = key === 'loss' || key === 'grad_norm' ? 5.1e-8 : 5e-6;
      expect(Math.abs(got! - expected), `${key} of step ${i + 1}: ${got} against ${expected}`).toBeLessThanOrEqual(tolerance * Math.abs(expected) + floor);
    }
  });
}

describe.each(CASES)('$run', (c) => {
  it('matches TRL through shared prompts', async () => { compare(c, await runCase(c, goldenExamples(c.kind))); });
  it('matches TRL through separate rows', async () => { compare(c, await runCase(c, goldenExamples(c.kind).map((row) => ({ ...row, separate: true })))); });
});
