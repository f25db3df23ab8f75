/** The loop's behaviour: learning, a loss that blows up, a full disk, halts, evaluation, samples, checkpoints kept, and the plan before the start. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sftTrain, type SftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { readPeftAdapter } from '../../src/main/engine/io/peft-adapter.ts';
import { readSafetensorsHeader } from '../../src/main/engine/io/safetensors-header.ts';
import { readTensorFloats } from '../../src/main/engine/io/tensor-read.ts';
import { trainRun, type CurrentWeights, type TrainControl, type TrainEvent, type TrainOptions, type TrainOutcome } from '../../src/main/engine/train/index.ts';
import { tinyModel, tinyRows } from './tiny-model.ts';

const model = tinyModel();
const folders = [model];
const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'train-run-'));
  folders.push(folder);
  return folder;
};
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

function optionsFor(train: Partial<SftTrain>, more: Partial<TrainOptions> = {}): TrainOptions {
  const config = sftTrain.parse({ learning_rate: 1e-2, max_steps: 6, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0, ...train });
  return { method: 'sft', config, adapter: loraAdapter.parse({ r: 4 }), modelFolder: model, start: null, rows: tinyRows(8), evalRows: [], runFolder: fresh(), resume: null, threads: 1, recipeHash: 'r', ...more };
}

interface Ran { outcome: TrainOutcome; events: TrainEvent[]; losses: number[] }
async function run(options: TrainOptions, control: TrainControl = {}, onEvent: (e: TrainEvent) => void = () => undefined): Promise<Ran> {
  const events: TrainEvent[] = [];
  const outcome = await trainRun(options, (e) => {
    events.push(e);
    onEvent(e);
  }, control);
  return { outcome, events, losses: events.flatMap((e) => (e.type === 'metric' && e.values['loss'] !== undefined ? [e.values['loss']] : [])) };
}

describe('learning', () => {
  it.each([['LoRA', loraAdapter.parse({ r: 8 })], ['full', null]] as const)('%s overfits eight rows', async (_name, adapter) => {
    const { losses } = await run(optionsFor({ max_steps: 60, learning_rate: 3e-2 }, { adapter }));
    expect(losses[0]!).toBeGreaterThan(3);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });

  it('the same seed gives the same numbers, another seed others', async () => {
    const of = async (seed: number): Promise<number[]> => (await run(optionsFor({ seed }))).losses;
    const first = await of(1);
    expect(await of(1)).toEqual(first);
    expect(await of(2)).not.toEqual(first);
  });
});

describe('a learning rate that blows up', () => {
  it.each([['LoRA', loraAdapter.parse({ r: 4 })], ['full', null]] as const)('%s: stops, goes back to the last good step, names the rows', async (_name, adapter) => {
    const options = optionsFor({ learning_rate: 10, max_grad_norm: 0, max_steps: 200, weight_decay: 10, lr_scheduler_type: 'constant', adam_epsilon: 1e-30 }, { adapter });
    const { outcome, events } = await run({ ...options, config: { ...options.config, learning_rate: 1e19 } });
    expect(outcome.outcome).toBe('stopped');
    expect(outcome.error).toMatchObject({ code: 'loss-not-finite' });
    expect(outcome.error!.message).toMatch(/step \d+ is not a finite number \(rows \d+/);
    const at = Number(outcome.error!.params['step']);
    expect(outcome.step).toBeLessThan(at);
    expect(outcome.checkpoint).toBe(join(options.runFolder, `checkpoint-${outcome.step}`));
    const file = join(outcome.checkpoint!, adapter === null ? 'model.safetensors' : 'adapter_model.safetensors');
    for (const entry of readSafetensorsHeader(file).tensors.values()) expect(readTensorFloats(entry).every(Number.isFinite), entry.name).toBe(true);
    expect(events.at(-2)).toMatchObject({ type: 'done', outcome: 'stopped', error: { code: 'loss-not-finite' } });
  });
});

describe('weights that are not finite after a step', () => {
  it.each([['at the end', { max_steps: 1 }], ['at a checkpoint', { max_steps: 5, save_steps: 1 }]] as const)('%s are neither saved nor called done', async (_name, train) => {
    const options = optionsFor({ weight_decay: 10, lr_scheduler_type: 'constant', ...train }, { adapter: null });
    const { outcome } = await run({ ...options, config: { ...options.config, learning_rate: 1e39 } });
    expect(outcome).toMatchObject({ outcome: 'stopped', step: 0, error: { code: 'loss-not-finite', message: expect.stringMatching(/^The weights after step 1 are not finite numbers \(rows \d.*went back to step 0/) as string } });
    for (const entry of readSafetensorsHeader(join(outcome.checkpoint!, 'model.safetensors')).tensors.values()) expect(readTensorFloats(entry).every(Number.isFinite), entry.name).toBe(true);
  });

  it('a run that is continued right before the failing step goes back to the checkpoint before that', async () => {
    const explode = { learning_rate: 10, weight_decay: 10, max_grad_norm: 0, adam_epsilon: 1e-30, lr_scheduler_type: 'constant', max_steps: 60, save_steps: 1 } as const;
    const whole = await run(optionsFor(explode, { adapter: null }));
    const at = Number(whole.outcome.error?.params['step']);
    expect(at).toBeGreaterThan(3);
    const options = optionsFor(explode, { adapter: null }), control: TrainControl = {};
    const paused = await run(options, control, (e) => { if (e.type === 'metric' && e.step === at - 1) control.halt = 'pause'; });
    expect(paused.outcome).toMatchObject({ outcome: 'paused', step: at - 1, error: null });
    const { outcome, events } = await run({ ...options, resume: paused.outcome.checkpoint });
    expect(outcome).toMatchObject({ outcome: 'stopped', step: at - 2, checkpoint: join(options.runFolder, `checkpoint-${at - 2}`), error: { code: 'loss-not-finite', params: { step: at, back_to: at - 2 } } });
    expect(events.flatMap((e) => (e.type === 'checkpoint' ? e.removed : []))).toEqual([paused.outcome.checkpoint]);
    expect(existsSync(paused.outcome.checkpoint!)).toBe(false);
    const weights = (o: TrainOutcome): Buffer => readFileSync(join(o.checkpoint!, 'model.safetensors'));
    expect(weights(outcome).equals(weights(whole.outcome))).toBe(true);
  });
});

describe('steering', () => {
  it.each([['pause', 'paused'], ['stop', 'stopped']] as const)('%s ends after the current step with a checkpoint', async (halt, outcome) => {
    const control: TrainControl = {};
    const ran = await run(optionsFor({ max_steps: 50 }), control, (e) => { if (e.type === 'metric' && e.step === 3) control.halt = halt; });
    expect(ran.outcome).toMatchObject({ outcome, step: 3, error: null });
    expect(existsSync(join(ran.outcome.checkpoint!, 'trainer_state.json'))).toBe(true);
  });

  it('an abort ends at once with `cancelled` and leaves no half-written folder', async () => {
    const abort = new AbortController();
    const options = optionsFor({ max_steps: 50, save_steps: 2 });
    await expect(run(options, { signal: abort.signal }, (e) => { if (e.type === 'metric' && e.step === 3) abort.abort(); })).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(options.runFolder)).toEqual(['checkpoint-2']);
  });

  it('keeps the newest checkpoints up to save_total_limit and reports what it removed', async () => {
    const options = optionsFor({ max_steps: 5, save_steps: 1, save_total_limit: 2 });
    const { events } = await run(options);
    expect(readdirSync(options.runFolder).sort()).toEqual(['checkpoint-4', 'checkpoint-5']);
    expect(events.flatMap((e) => (e.type === 'checkpoint' ? e.removed : []))).toEqual([1, 2, 3].map((n) => join(options.runFolder, `checkpoint-${n}`)));
  });

  it('evaluates and samples with the current weights', async () => {
    const seen: CurrentWeights[] = [];
    const options = optionsFor({ max_steps: 4, eval_steps: 2 }, { evalRows: tinyRows(5, 8), sample: (m) => {
      seen.push(m.weights);
      return Promise.resolve([{ index: 0, prompt: 'p', text: 't', tokens: 1, reason: 'stop', seed: 0 }]);
    } });
    const { events } = await run(options);
    const evaluations = events.flatMap((e) => (e.type === 'metric' && e.values['eval_loss'] !== undefined ? [e.values] : []));
    expect(evaluations.length).toBe(2);
    expect(evaluations[1]!['eval_loss']).not.toBe(evaluations[0]!['eval_loss']);
    expect(seen.length).toBe(2);
    expect(events.filter((e) => e.type === 'sample').length).toBe(2);
  });
});

describe('a full disk', () => {
  // A real small file system needs root; without it there is nothing true to test.
  const mounted = mkdtempSync(join(tmpdir(), 'full-disk-'));
  let small = false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mounted], { stdio: 'ignore' });
    small = true;
  } catch { /* not root */ }
  afterAll(() => {
    if (small) execFileSync('umount', [mounted]);
    rmSync(mounted, { recursive: true, force: true });
  });

  it.skipIf(!small)('pauses with nothing half-written, and resumes when there is room', async () => {
    const runFolder = join(mounted, 'run');
    mkdirSync(runFolder);
    const options = optionsFor({ max_steps: 6, save_steps: 2 }, { runFolder });
    const ballast = join(mounted, 'ballast');
    const first = await run(options, {}, (e) => { if (e.type === 'checkpoint' && e.step === 2) fill(ballast); });
    expect(first.outcome).toMatchObject({ outcome: 'paused', step: 4, checkpoint: join(runFolder, 'checkpoint-2'), error: { code: 'disk-full' } });
    expect(readdirSync(runFolder)).toEqual(['checkpoint-2']);
    rmSync(ballast);
    const second = await run({ ...options, resume: first.outcome.checkpoint });
    expect(second.outcome).toMatchObject({ outcome: 'completed', step: 6 });
    const whole = await run({ ...options, runFolder: fresh() });
    const weights = (folder: string): Buffer => readFileSync(join(folder, 'adapter_model.safetensors'));
    expect(weights(second.outcome.checkpoint!).equals(weights(whole.outcome.checkpoint!))).toBe(true);
  });

  it.skipIf(!small)('pauses too when the state before a failed step cannot be saved', async () => {
    const runFolder = join(mounted, 'exploding');
    mkdirSync(runFolder);
    const options = optionsFor({ learning_rate: 10, max_grad_norm: 0, max_steps: 200, weight_decay: 10, lr_scheduler_type: 'constant', adam_epsilon: 1e-30 }, { adapter: loraAdapter.parse({ r: 4 }), runFolder });
    const ballast = join(mounted, 'ballast');
    const { outcome, events } = await run({ ...options, config: { ...options.config, learning_rate: 1e19 } }, {}, (e) => { if (e.type === 'start') fill(ballast); });
    rmSync(ballast);
    expect(outcome).toMatchObject({ outcome: 'paused', error: { code: 'disk-full' } });
    expect(events.some((e) => e.type === 'log' && e.level === 'error' && e.text.includes('not a finite number')), 'what happened is in the log').toBe(true);
  });

  function fill(path: string): void {
    for (let size = 1 << 18; size >= 1024; size >>= 1) {
      try {
        writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
      } catch { /* full: try a smaller piece */ }
    }
  }
});

describe('what a run leaves', () => {
  it('an adapter that PEFT can read, and full weights that open as a model folder', async () => {
    const adapter = await run(optionsFor({ max_steps: 1 }));
    const read = readPeftAdapter(adapter.outcome.checkpoint!);
    expect(read.config).toMatchObject({ r: 4, lora_alpha: 32, target_modules: ['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj'] });
    expect(read.pairs.length).toBe(14);
    const names = [...readSafetensorsHeader(join(adapter.outcome.checkpoint!, 'adapter_model.safetensors')).tensors.keys()];
    expect(names).toContain('base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight');

    const full = await run(optionsFor({ max_steps: 1 }, { adapter: null }));
    const folder = openModelFolder(full.outcome.checkpoint!);
    expect(folder.config['model_type']).toBe('llama');
    expect(folder.tensors.has('lm_head.weight')).toBe(false);
    const continued = await run(optionsFor({ max_steps: 1 }, { start: { folder: full.outcome.checkpoint!, kind: 'full' } }));
    expect(continued.outcome.outcome).toBe('completed');
  });

  it('training on a merged adapter starts where the adapter was', async () => {
    const rows = tinyRows(8);
    const trained = await run(optionsFor({ max_steps: 20 }, { evalRows: rows }));
    const evalLoss = (r: Ran): number => r.events.flatMap((e) => (e.type === 'metric' && e.values['eval_loss'] !== undefined ? [e.values['eval_loss']] : [])).at(-1)!;
    const merged = await run(optionsFor({ max_steps: 1, learning_rate: 0 }, { adapter: null, evalRows: rows, start: { folder: trained.outcome.checkpoint!, kind: 'adapter' } }));
    expect(evalLoss(merged)).toBeCloseTo(evalLoss(trained), 5);
  });

  it('plans memory before the start', async () => {
    const { events } = await run(optionsFor({ max_steps: 1 }));
    const start = events.find((e) => e.type === 'start');
    expect(start?.planned_bytes).toBeGreaterThan(100e6);
  });
});

describe('inputs that cannot be trained on', () => {
  it.each([
    ['no rows', { rows: [] }, {}, 'dataset-empty'],
    ['no targets', { rows: [{ ids: [3, 4, 5], mask: Uint8Array.from([1, 0, 0]), truncated: false, source: 0 }] }, {}, 'no-trainable-tokens'],
    ['targets beyond max_length', { rows: [{ ids: [3, 4, 5, 6], mask: Uint8Array.from([0, 0, 0, 1]), truncated: false, source: 0 }] }, { max_length: 3 }, 'no-trainable-tokens'],
    ['target_modules that match nothing', { adapter: loraAdapter.parse({ target_modules: ['query'] }) }, {}, 'recipe-value'],
    ['a broken pattern', { adapter: loraAdapter.parse({ target_modules: '(q_proj' }) }, {}, 'recipe-value'],
  ] as const)('%s', async (_name, more, train, code) => {
    await expect(run(optionsFor(train, more as Partial<TrainOptions>))).rejects.toMatchObject({ code });
  });
});
