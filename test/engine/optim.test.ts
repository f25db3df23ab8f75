/** AdamW, schedules, clipping and the decay rule against values derived by hand. */

import { describe, expect, it } from 'vitest';
import { Random } from '../../src/main/engine/nn/random.ts';
import { adamwStep, createAdamWState, type AdamWState, type ParameterRange } from '../../src/main/engine/optim/adamw.ts';
import { clipFactor, gradientNorm } from '../../src/main/engine/optim/clip.ts';
import { isDecayed } from '../../src/main/engine/optim/decay-rule.ts';
import { PARALLEL_FROM, reals } from '../../src/main/engine/optim/reals.ts';
import { createSchedule, SCHEDULE_NAMES } from '../../src/main/engine/optim/schedules.ts';
import { UpdateThreads } from '../../src/main/engine/optim/update-threads.ts';

const options = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.1 };

describe('AdamW', () => {
  const range = (decay: boolean): { name: string; shape: number[]; offset: number; length: number; decay: boolean } => ({ name: 'w', shape: [2], offset: 0, length: 2, decay });

  it('moves by the learning rate against the sign of the first gradient, after the decay', () => {
    // m^ = g and v^ = g^2 after one step, so the update is lr * g / (|g| + eps) = lr * sign(g).
    const state = createAdamWState(Float32Array.of(1, -2));
    adamwStep(state, state, [range(true)], { grads: Float32Array.of(0.5, -4), gradScale: 1, learningRate: 0.01 }, options);
    expect(state.values[0]).toBeCloseTo(1 * (1 - 0.001) - 0.01, 6);
    expect(state.values[1]).toBeCloseTo(-2 * (1 - 0.001) + 0.01, 6);
    expect(state.step).toBe(1);
  });

  it('matches two steps worked out in float64', () => {
    const state = createAdamWState(Float32Array.of(1, 0));
    const gradients = [0.3, -0.2];
    let [m, v, p] = [0, 0, 1];
    gradients.forEach((g, k) => {
      adamwStep(state, state, [range(false)], { grads: Float32Array.of(g, 0), gradScale: 0.5, learningRate: 0.1 }, options);
      m = 0.9 * m + 0.1 * g * 0.5;
      v = 0.999 * v + 0.001 * (g * 0.5) ** 2;
      p -= (0.1 * (m / (1 - 0.9 ** (k + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8);
    });
    expect(state.values[0]).toBeCloseTo(p, 6);
    expect(state.values[1]).toBe(0);
  });

  it('leaves the state before the update alone when it writes elsewhere', () => {
    const from = createAdamWState(Float32Array.of(1, 2));
    const to = createAdamWState(new Float32Array(2));
    adamwStep(from, to, [range(true)], { grads: Float32Array.of(1, 1), gradScale: 1, learningRate: 0.1 }, options);
    expect([...from.values, ...from.m, ...from.v, from.step]).toEqual([1, 2, 0, 0, 0, 0, 0]);
    expect(to.step).toBe(1);
    expect(to.values[0]).toBeLessThan(1);
  });
});

it('weight decay skips norms and biases but not embeddings or the head', () => {
  expect(['model.embed_tokens.weight', 'lm_head.weight', 'model.layers.0.self_attn.q_proj.weight', 'model.layers.0.mlp.down_proj.lora_A.weight'].map(isDecayed)).toEqual([true, true, true, true]);
  expect(['model.norm.weight', 'model.layers.0.input_layernorm.weight', 'model.layers.0.self_attn.q_norm.weight', 'model.layers.0.self_attn.q_proj.bias', 'transformer.h.0.ln_1.weight', 'model.layers.0.operator_norm.weight', 'model.embedding_norm.weight'].map(isDecayed)).toEqual(Array(7).fill(false));
});

it('clips by the global norm and reports the norm before', () => {
  expect(gradientNorm(Float32Array.of(3, 0, 0, 0, 4, 0))).toBe(5);
  expect(clipFactor(5, 1)).toBeCloseTo(1 / 5.000001, 12);
  expect(clipFactor(0.5, 1)).toBe(1);
  expect(clipFactor(5, 0)).toBe(1);
  expect(gradientNorm(Float32Array.of(1, Number.NaN, 2, 3, 4))).toBeNaN();
});

describe('schedules', () => {
  const at = (name: string, steps: number[], more: Record<string, number> = {}): number[] => {
    const schedule = createSchedule(name, { warmupSteps: 2, totalSteps: 10, learningRate: 0.01, ...more });
    return steps.map(schedule);
  };
  const close = (got: number[], want: number[]): void => { got.forEach((x, i) => expect(x).toBeCloseTo(want[i]!, 12)); };

  it('warm up from zero', () => {
    for (const name of SCHEDULE_NAMES.filter((n) => n !== 'constant')) expect(at(name, [0, 1]), name).toEqual([0, 0.5]);
    expect(at('constant', [0, 1])).toEqual([1, 1]);
  });
  it('follow their curves', () => {
    close(at('linear', [2, 6, 10, 12]), [1, 0.5, 0, 0]);
    close(at('cosine', [2, 4, 6, 10]), [1, (1 + Math.SQRT1_2) / 2, 0.5, 0]);
    close(at('cosine_with_restarts', [2, 6, 10], { numCycles: 2 }), [1, 1, 0]);
    close(at('polynomial', [2, 6, 11], { power: 2, lrEnd: 0 }), [1, 0.25, 0]);
    close(at('constant_with_warmup', [2, 9]), [1, 1]);
    close(at('inverse_sqrt', [2, 8]), [1, 0.5]);
    close(at('cosine_with_min_lr', [2, 6, 10], { minLrRate: 0.2 }), [1, 0.6, 0.2]);
    close(at('warmup_stable_decay', [2, 5, 8, 10], { decaySteps: 4, minLrRate: 0 }), [1, 1, 0.5, 0]);
  });
  it('read a warm-up below one as a share of all steps, rounded up', () => {
    const schedule = createSchedule('linear', { warmupSteps: 0.15, totalSteps: 10, learningRate: 1 });
    expect([0, 1, 2].map(schedule)).toEqual([0, 0.5, 1]);
  });
  it('refuse an unknown name', () => {
    expect(() => createSchedule('sine', { warmupSteps: 0, totalSteps: 1, learningRate: 1 })).toThrow(expect.objectContaining({ code: 'recipe-value' }));
  });
});

it('several threads update and sum large vectors as one does, bit for bit', async () => {
  const length = PARALLEL_FROM + 70_001;
  const random = new Random(5);
  const filled = (scale: number): Float32Array => { const x = reals(length); for (let i = 0; i < length; i++) x[i] = (random.uniform() - 0.5) * scale; return x; };
  const ranges: ParameterRange[] = [{ name: 'a', shape: [1000], offset: 0, length: 1000, decay: false }, { name: 'b', shape: [length - 1000], offset: 1000, length: length - 1000, decay: true }];
  const grads = filled(0.1);
  const from = createAdamWState(filled(2));
  const copy = (): AdamWState => { const to = createAdamWState(reals(length)); to.values.set(from.values); return to; };
  const [alone, together] = [copy(), copy()];
  const threads = new UpdateThreads(3);
  const update = { grads, gradScale: 0.5, learningRate: 1e-2 };
  for (let i = 0; i < 2; i++) {
    adamwStep(alone, alone, ranges, update, options);
    threads.adamw(together, together, ranges, update, options);
  }
  expect(Buffer.compare(bytes(alone.values), bytes(together.values))).toBe(0);
  expect(Buffer.compare(bytes(alone.v), bytes(together.v))).toBe(0);
  expect(together.step).toBe(2);
  expect(threads.norm(grads)).toBe(gradientNorm(grads));
  expect(gradientNorm(grads)).toBeCloseTo(Math.sqrt(grads.reduce((sum, g) => sum + g * g, 0)), 10);
  grads[length - 1] = Number.NaN;
  expect(threads.norm(grads)).toBeNaN();
  await threads.dispose();
});

const bytes = (x: Float32Array): Buffer => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
