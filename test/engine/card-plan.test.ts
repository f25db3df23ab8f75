/** The plan of a run on a graphics card: it fits the card, says what it rests on, refuses with remedies, and where nothing is known of the card says that. Nothing here needs a card: the plan is made from graphs. */

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { sftTrain, type SftTrain } from '../../src/shared/methods/sft.ts';
import type { CardMemory } from '../../src/shared/schema/device.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { trainRun, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { CARD_ERROR, cardBudget } from '../../src/main/engine/train/plan/card-memory.ts';
import { remediesFor } from '../../src/main/engine/train/plan/remedies.ts';
import type { RunPlan } from '../../src/main/engine/train/plan/run-plan.ts';
import { prepareRun } from '../../src/main/engine/train/setup.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { TINY, tinyModel } from './tiny-model.ts';

const small = tinyModel({ ...TINY, vocab_size: 2000, hidden_size: 64, intermediate_size: 256, num_hidden_layers: 3, max_position_embeddings: 512 });
afterAll(() => { rmSync(small, { recursive: true, force: true }); });

const random = new Random(3);
const rows: TrainOptions['rows'] = Array.from({ length: 16 }, (_, source) => ({ ids: Int32Array.from({ length: 256 }, () => random.below(2000)), mask: new Uint8Array(256).fill(1), truncated: false, source }));
const card = (free: number | null, more: Partial<CardMemory> = {}): CardMemory => ({ name: 'Test card', total: free === null ? null : free * 1.2, free, source: free === null ? null : 'nvidia-smi', shared: false, limit: null, cards: 1, ...more });
function optionsFor(cardMemory: CardMemory | undefined, train: Partial<SftTrain> = {}, more: Partial<TrainOptions> = {}): TrainOptions {
  const config = sftTrain.parse({ learning_rate: 1e-3, max_steps: 2, per_device_train_batch_size: 8, max_length: 256, eval_steps: 0, save_steps: 0, ...train });
  return { method: 'sft', config, adapter: loraAdapter.parse({ r: 4 }), modelFolder: small, start: null, rows, evalRows: [], runFolder: small, resume: null, threads: 1, recipeHash: 'r', device: 'cuda', freeMemory: 64e9, ...(cardMemory === undefined ? {} : { cardMemory }), ...more };
}
const planned = (options: TrainOptions): RunPlan => prepareRun(options, loadModel(options), { values: false }).plan;
const roomy = planned(optionsFor(card(64e9)));
const whole = roomy.layout.card!.total;

describe('a run on a card', () => {
  it('needs weights, activations and values there, and hardly anything of them in the computer', () => {
    const own = planned(optionsFor(undefined, {}, { device: 'cpu', prepack: false }));
    const { weights, activations, values, total } = roomy.card!;
    expect(own.card).toBeUndefined();
    expect(weights).toBe(own.layout.memory.weights);
    expect(activations).toBeGreaterThan(0.7 * (own.layout.memory.activations - 60e6));
    expect(total).toBe(weights + activations + values);
    expect(roomy.layout.memory).toMatchObject({ prepacked: 0, gradients: own.layout.memory.gradients, optimizer: own.layout.memory.optimizer });
    expect(roomy.layout.memory.total).toBeLessThan(own.layout.memory.total - 0.5 * activations);
    expect(roomy.layout.choice.prepack).toBe(false);
    expect(roomy.reasons[0]).toMatch(/^The graphics card needs about [\d.]+ MB of the 49\.2 GB that a run may take \(Test card: 64\.0 GB free of 76\.8 GB, as nvidia-smi says\)\.$/);
  });

  it('holds moments and gradients too where the optimiser is on the card, and less of the weights in float16', () => {
    const values = roomy.card!.values, resident = planned(optionsFor(card(64e9), {}, { device: 'webgpu' }));
    expect(resident.card!.values).toBeGreaterThanOrEqual(4 * values);
    expect(planned(optionsFor(card(64e9), {}, { device: 'webgpu', optimiser: 'host' })).card!.values).toBe(values);
    expect(planned(optionsFor(card(64e9), {}, { half: true })).card!.weights).toBeLessThan(0.95 * roomy.card!.weights);
  });

  it.each([0.95, 0.8, 0.6, 0.4])('gives up time until %d of its memory is enough', (share) => {
    const plan = planned(optionsFor(card(whole * share * (1 + CARD_ERROR))));
    expect(plan.fits).toBe(true);
    expect(plan.card!.total).toBeLessThanOrEqual(whole * share * 1.0001);
    expect(plan.layout.choice).not.toEqual(roomy.layout.choice);
    expect(plan.reasons.join(' ')).toMatch(/to fit into|does not fit into/);
    expect(plan.reasons.join(' ')).not.toMatch(/Packed copies|Everything fits/);
  });

  it('what was given in the settings is a bound where the card is known, and all that is known where it is not', () => {
    expect(cardBudget(card(64e9, { limit: 8e9 }))).toBe(8e9);
    expect(cardBudget(card(4e9, { limit: 8e9 }))).toBe(4e9 / (1 + CARD_ERROR));
    const plan = planned(optionsFor(card(null, { limit: whole * 0.8 })));
    expect(plan.card).toMatchObject({ budget: whole * 0.8, fits: true });
    expect(plan.reasons[0]).toMatch(/that the settings allow \(device_memory_gb\); how much it has is not known here\.$/);
  });

  it('nothing known: it runs, and says that nothing was planned to fit', () => {
    for (const memory of [undefined, card(null)]) {
      const plan = planned(optionsFor(memory));
      expect(plan.card).toMatchObject({ budget: null, fits: true, total: whole });
      expect(plan.layout.choice).toEqual(roomy.layout.choice);
      expect(plan.reasons[0]).toMatch(/how much it has is not known here, so nothing is planned to fit it/);
    }
  });

  it('a card that shares the computer\'s memory must fit beside the rest', () => {
    const host = roomy.layout.memory.total, free = (host + whole * 0.7) * 1.15;
    const shared = planned(optionsFor(card(64e9, { shared: true, source: 'unified' }), {}, { freeMemory: free }));
    expect(shared.fits).toBe(true);
    expect(shared.layout.memory.total + shared.card!.total).toBeLessThanOrEqual(shared.budget);
    expect(planned(optionsFor(card(64e9), {}, { freeMemory: free })).layout.choice).toEqual(roomy.layout.choice);
  });
});

describe('what cannot fit on a card', () => {
  const options = optionsFor(card(1.3e6));
  it('is refused before anything is loaded, in words of the card', async () => {
    const error: unknown = await trainRun(options, () => undefined).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'memory-exceeded', message: expect.stringMatching(/^The run needs about [\d.]+ MB of the graphics card's memory at the least, but may use 1\.00 MB\. What helps: /) as string });
  });

  it('with remedies that were planned on the card', () => {
    const limit = optionsFor(card(planned(options).card!.total * 0.97 * (1 + CARD_ERROR))), plan = planned(limit);
    expect(plan.fits).toBe(false);
    const remedies = remediesFor(limit, plan), shorter = remedies.find((r) => r.text.startsWith('max_length'))!;
    expect(remedies[0]!.fits).toBe(true);
    expect(shorter.total).toBe(planned({ ...limit, config: { ...limit.config, max_length: Number(shorter.text.split(' ')[1]) } }).card!.total);
  });
});
