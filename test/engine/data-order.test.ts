/** Batches: which rows a step sees, buckets, token trees, random streams, adapters. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { initLora } from '../../src/main/engine/nn/adapter-init.ts';
import { fillKeepMask, planLora } from '../../src/main/engine/nn/lora.ts';
import { matchTargets } from '../../src/main/engine/nn/match-modules.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { bucketFor, chooseBuckets } from '../../src/main/engine/train/buckets.ts';
import { DataOrder, totalSteps } from '../../src/main/engine/train/data-order.ts';
import { layTree, type Segment } from '../../src/main/engine/train/token-tree.ts';
import { TINY } from './tiny-model.ts';

describe('the data order', () => {
  const options = fc.record({ rows: fc.integer({ min: 1, max: 40 }), batchSize: fc.integer({ min: 1, max: 7 }), accumulation: fc.integer({ min: 1, max: 4 }), shuffle: fc.boolean(), seed: fc.nat() });
  it('shows every row once an epoch, and the same rows at the same step always', () => {
    fc.assert(fc.property(options, (o) => {
      const order = new DataOrder(o);
      for (const epoch of [0, 1]) {
        const steps = Array.from({ length: order.stepsPerEpoch }, (_, i) => epoch * order.stepsPerEpoch + i);
        const seen = steps.flatMap((s) => order.window(s).batches.flat());
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: o.rows }, (_, i) => i));
        if (!o.shuffle) expect(seen).toEqual([...seen].sort((a, b) => a - b));
        expect(order.window(steps.at(-1)!).progress).toBe(epoch + 1);
      }
      const late = order.stepsPerEpoch + 1;
      expect(new DataOrder(o).window(late)).toEqual(order.window(late));
    }));
  });
  it('shuffles each epoch differently', () => {
    const order = new DataOrder({ rows: 30, batchSize: 30, accumulation: 1, shuffle: true, seed: 1 });
    expect(order.window(0).batches).not.toEqual(order.window(1).batches);
  });
  it('rounds a fraction of an epoch up to whole steps; max_steps wins', () => {
    const order = new DataOrder({ rows: 10, batchSize: 2, accumulation: 2, shuffle: false, seed: 0 });
    expect(order.stepsPerEpoch).toBe(3);
    expect([totalSteps(order, -1, 1.5), totalSteps(order, -1, 2), totalSteps(order, 7, 2)]).toEqual([5, 6, 7]);
  });
});

describe('buckets', () => {
  it('hold every batch, never exceed the limit, and are no worse than one bucket', () => {
    const rows = fc.array(fc.integer({ min: 1, max: 200 }).chain((tokens) => fc.record({ tokens: fc.constant(tokens), losses: fc.integer({ min: 0, max: tokens - 1 }), examples: fc.constant(0) })), { minLength: 1, maxLength: 30 });
    fc.assert(fc.property(rows, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), (sizes, limit, batchSize) => {
      const order = new DataOrder({ rows: sizes.length, batchSize, accumulation: 1, shuffle: true, seed: 4 });
      const batches = Array.from({ length: order.stepsPerEpoch }, (_, s) => order.window(s).batches[0]!);
      const buckets = chooseBuckets(sizes, batches, batchSize, limit);
      expect(buckets.length).toBeLessThanOrEqual(limit);
      // Any batch of any epoch must fit, in slots and in loss rows.
      for (let step = 0; step < 3 * order.stepsPerEpoch; step++) {
        const batch = order.window(step).batches[0]!;
        const bucket = bucketFor(buckets, Math.max(...batch.map((r) => sizes[r]!.tokens)));
        expect(batch.reduce((n, r) => n + sizes[r]!.losses, 0)).toBeLessThanOrEqual(bucket.losses);
      }
      const cost = (list: typeof buckets): number => batches.reduce((n, b) => n + bucketFor(list, Math.max(...b.map((r) => sizes[r]!.tokens))).length, 0);
      expect(cost(buckets)).toBeLessThanOrEqual(cost(chooseBuckets(sizes, batches, batchSize, 1)));
    }));
  });

  it('one more is not made to save next to nothing', () => {
    const lengthsOf = (tokens: readonly number[]): number[] => chooseBuckets(tokens.map((n) => ({ tokens: n, losses: 1, examples: 0 })), tokens.map((_, i) => [i]), 1, 4).map((b) => b.length);
    expect(lengthsOf([976, 1024, 1023, 1024])).toEqual([1024]);
    expect(lengthsOf([100, 100, 1024, 1024])).toEqual([112, 1024]);
  });
});

describe('token trees', () => {
  /** Random forests: each segment picks an earlier one, or none, as its parent. */
  const forest = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 7 }).map((list) => list.map(([pick, n], i): Segment => ({ parent: (pick % (i + 1)) - 1, ids: Array.from({ length: n }, (_, k) => 10 * i + k), targets: Array.from({ length: n }, () => 1) })));

  it('a slot sees exactly its own path', () => {
    fc.assert(fc.property(forest, (tree) => {
      const length = tree.reduce((n, s) => n + s.ids.length, 0) + 3;
      const slots = layTree(tree, length, 0);
      const owner: number[] = tree.flatMap((s, i) => Array.from({ length: s.ids.length }, () => i));
      const isAncestor = (a: number, b: number): boolean => a === b || (tree[b]!.parent >= 0 && isAncestor(a, tree[b]!.parent));
      for (let i = 0; i < length; i++) {
        let visible = 0;
        for (let j = 0; j <= i; j++) {
          const sees = slots.enter[j]! <= slots.enter[i]! && slots.enter[i]! <= slots.exit[j]!;
          const expected = owner[i] === undefined || owner[j] === undefined ? owner[i] === owner[j] : isAncestor(owner[j]!, owner[i]!);
          expect(sees).toBe(expected);
          if (sees) visible++;
        }
        // On a path the position counts the slots before it.
        if (owner[i] !== undefined) expect(slots.positions[i]).toBe(visible - 1);
      }
      const roots = tree.filter((s) => s.parent < 0).length;
      expect(slots.losses.length).toBe(owner.length - roots);
    }));
  });
  it('refuses what does not fit, and children before parents', () => {
    expect(() => layTree([{ parent: -1, ids: [1, 2, 3], targets: [1, 1, 1] }], 2, 0)).toThrow(RangeError);
    expect(() => layTree([{ parent: 1, ids: [1], targets: [1] }, { parent: -1, ids: [1], targets: [1] }], 4, 0)).toThrow(RangeError);
  });
});

describe('random streams', () => {
  it('are uniform enough, independent of each other and repeatable', () => {
    const draw = (...path: number[]): number[] => {
      const random = new Random(...path);
      return Array.from({ length: 4000 }, () => random.uniform());
    };
    const a = draw(1, 2, 3);
    expect(draw(1, 2, 3)).toEqual(a);
    const b = draw(1, 2, 4);
    const mean = (x: number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
    expect(mean(a)).toBeCloseTo(0.5, 1);
    expect(Math.abs(mean(a.map((v, i) => (v - 0.5) * (b[i]! - 0.5))))).toBeLessThan(0.005);
    const normal = new Random(9);
    const n = Array.from({ length: 4000 }, () => normal.normal());
    expect(mean(n.map((v) => v * v))).toBeCloseTo(1, 0);
    expect(Math.abs(mean(n))).toBeLessThan(0.06);
  });
});

describe('LoRA', () => {
  const linears = parseModel(TINY).family.linears(parseModel(TINY).config);
  it('matches target_modules as peft does', () => {
    expect(matchTargets(linears, 'all-linear').length).toBe(14);
    expect(matchTargets(linears, ['q_proj', 'v_proj']).map((l) => l.module)).toEqual([0, 1].flatMap((i) => [`model.layers.${i}.self_attn.q_proj`, `model.layers.${i}.self_attn.v_proj`]));
    expect(matchTargets(linears, ['model.layers.1.mlp.up_proj']).length).toBe(1);
    expect(matchTargets(linears, String.raw`.*\.1\..*_proj`).length).toBe(7);
    expect(() => matchTargets(linears, 'q_proj')).toThrow(expect.objectContaining({ code: 'recipe-value', message: expect.stringContaining('down_proj') as string }));
  });
  it('starts as peft does', () => {
    const kaiming = planLora(linears, loraAdapter.parse({ r: 4 }));
    const values = initLora(kaiming, 1);
    for (const s of kaiming.slots) {
      const a = values.subarray(s.a.offset, s.a.offset + s.a.length);
      expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(s.inFeatures));
      expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(0.8 / Math.sqrt(s.inFeatures));
      expect(values.subarray(s.b.offset, s.b.offset + s.b.length).every((x) => x === 0)).toBe(true);
    }
    const gaussian = planLora(linears, loraAdapter.parse({ r: 4, init_lora_weights: 'gaussian' }));
    const g = initLora(gaussian, 1);
    const all = gaussian.slots.flatMap((s) => [...g.subarray(s.a.offset, s.a.offset + s.a.length)]);
    expect(Math.sqrt(all.reduce((n, x) => n + x * x, 0) / all.length)).toBeCloseTo(1 / 4, 1);
    expect(planLora(linears, loraAdapter.parse({ r: 4, lora_alpha: 8 })).slots[0]!.scale).toBe(2);
    expect(planLora(linears, loraAdapter.parse({ r: 4, lora_alpha: 8, use_rslora: true })).slots[0]!.scale).toBe(4);
  });
  it('drops the share that was asked for', () => {
    const mask = new Uint8Array(20_001);
    fillKeepMask(mask, 0.3, [1, 2, 3]);
    expect(mask.reduce((a, b) => a + b, 0) / mask.length).toBeCloseTo(0.7, 1);
  });
});
