/** A run that is stopped and resumed equals one that is not: weights, optimiser, counters and metrics, bit for bit. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sftTrain, type SftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter, type LoraAdapter } from '../../src/shared/schema/recipe.ts';
import { trainRun, type TrainControl, type TrainEvent, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { tinyModel, tinyRows } from './tiny-model.ts';

const model = tinyModel();
const folders = [model];
const runFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'resume-'));
  folders.push(folder);
  return folder;
};
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

const SETTINGS: Partial<SftTrain> = {
  learning_rate: 5e-3, max_steps: 9, per_device_train_batch_size: 2, gradient_accumulation_steps: 2, shuffle: true, weight_decay: 0.01, lr_scheduler_type: 'cosine', warmup_steps: 2, logging_steps: 2, eval_steps: 4, save_steps: 0,
};

function optionsFor(adapter: LoraAdapter | null, more: Partial<TrainOptions> = {}, train: Partial<SftTrain> = {}): TrainOptions {
  return { method: 'sft', config: sftTrain.parse({ ...SETTINGS, ...train }), adapter, modelFolder: model, start: null, rows: tinyRows(11), evalRows: tinyRows(5, 9), runFolder: runFolder(), resume: null, threads: 2, recipeHash: 'r', ...more };
}

const TIMED = new Set(['tokens_per_second', 'step_seconds', 'rss']);
function metricsOf(events: readonly TrainEvent[]): unknown[] {
  return events.flatMap((e) => (e.type === 'metric' ? [{ step: e.step, epoch: e.epoch, tokens: e.tokens, values: Object.fromEntries(Object.entries(e.values).filter(([k]) => !TIMED.has(k))) }] : []));
}

const files = (adapter: LoraAdapter | null): string[] => [adapter === null ? 'model.safetensors' : 'adapter_model.safetensors', 'optimizer.safetensors'];
const CASES: [string, LoraAdapter | null, Partial<SftTrain>][] = [
  ['LoRA with dropout', loraAdapter.parse({ r: 3, lora_dropout: 0.2 }), {}],
  ['full fine-tuning', null, {}],
  ['packed rows with recomputation', loraAdapter.parse({ r: 2 }), { packing: true, max_length: 24, gradient_checkpointing: true }],
];

describe.each(CASES)('%s', (_name, adapter, train) => {
  it.each([1, 4, 7])('stopped at step %i and resumed equals the whole run', async (stopAt) => {
    const whole: TrainEvent[] = [];
    const straight = await trainRun(optionsFor(adapter, {}, train), (e) => whole.push(e));
    expect(straight).toMatchObject({ outcome: 'completed', step: 9 });

    const folder = runFolder();
    const parts: TrainEvent[] = [];
    const control: TrainControl = {};
    // Logging every second step: steps are watched through a run that halts itself.
    const first = await trainRun(optionsFor(adapter, { runFolder: folder }, { ...train, save_steps: 1, save_total_limit: 20 }), (e) => {
      parts.push(e);
      if (e.type === 'checkpoint' && e.step === stopAt) control.halt = 'pause';
    }, control);
    expect(first).toMatchObject({ outcome: 'paused', step: stopAt, checkpoint: join(folder, `checkpoint-${stopAt}`) });
    const second = await trainRun(optionsFor(adapter, { runFolder: folder, resume: first.checkpoint }, train), (e) => parts.push(e));
    expect(second).toMatchObject({ outcome: 'completed', step: 9 });

    expect(metricsOf(parts)).toEqual(metricsOf(whole));
    for (const file of files(adapter)) expect(readFileSync(join(second.checkpoint!, file)).equals(readFileSync(join(straight.checkpoint!, file))), file).toBe(true);
  });
});

describe('a checkpoint that must not be resumed', () => {
  const adapter = loraAdapter.parse({ r: 2 });
  const made = async (): Promise<{ options: TrainOptions; checkpoint: string }> => {
    const options = optionsFor(adapter, {}, { max_steps: 2 });
    return { options, checkpoint: (await trainRun(options, () => undefined)).checkpoint! };
  };
  const resume = (options: TrainOptions, more: Partial<TrainOptions>): Promise<unknown> => trainRun({ ...options, config: { ...options.config, max_steps: 4 }, ...more }, () => undefined);

  it('refuses torn, changed and foreign ones with one clear sentence', async () => {
    const { options, checkpoint } = await made();
    await expect(resume(options, { resume: checkpoint, recipeHash: 'other' })).rejects.toMatchObject({ code: 'checkpoint-invalid', message: expect.stringContaining('another recipe') as string });
    await expect(resume(options, { resume: checkpoint, rows: tinyRows(11, 77) })).rejects.toMatchObject({ code: 'checkpoint-invalid', message: expect.stringContaining('training data') as string });
    await expect(resume(options, { resume: checkpoint, adapter: null })).rejects.toMatchObject({ code: 'checkpoint-invalid' });
    const weights = join(checkpoint, 'adapter_model.safetensors');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1] = bytes[bytes.length - 1]! ^ 1;
    writeFileSync(weights, bytes);
    await expect(resume(options, { resume: checkpoint })).rejects.toMatchObject({ code: 'checkpoint-invalid', message: expect.stringContaining('changed') as string });
    writeFileSync(join(checkpoint, 'trainer_state.json'), '{"global_step": 2');
    await expect(resume(options, { resume: checkpoint })).rejects.toMatchObject({ code: 'checkpoint-invalid' });
    rmSync(join(checkpoint, 'trainer_state.json'));
    await expect(resume(options, { resume: checkpoint })).rejects.toMatchObject({ code: 'checkpoint-invalid' });
  });
});
