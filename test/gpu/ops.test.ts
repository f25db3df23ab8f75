/** Every op and composite of the registries on a WebGPU device against the CPU provider, gradients included. Skipped, with the reason, where there is no Vulkan device. */

import { beforeAll, describe, expect, test } from 'vitest';
import { fnSamples } from '../../src/main/engine/graph/fn/samples.ts';
import { fusedOps, ops } from '../../src/main/engine/graph/ops/index.ts';
import { runChild, type ChildRun } from './run-child.ts';
import { findVulkan } from './vulkan.ts';

interface Case { name?: string; at?: string; what?: string; distance?: number; off?: string[]; error?: string; done?: true }

/** Relative to the largest element; float32 rounds at 6e-8, and a device sums in another order and takes exp and tanh a little differently. */
const TOLERANCE = 2e-5;
/**
 * Ops of which a node runs on the processor here, each with its reason. None of them is in a training or decoding graph in this form (devices.test.ts counts those): ids there are int32,
 * and rows in 8 bit belong to `compute: int8`, which is the processor's.
 */
const ON_THE_CPU: Record<string, string> = {
  cast: 'float64', gather: 'int64 ids', scatterAdd: 'int64 ids', tokenLogProbs: 'int64 ids', argmaxHits: 'int64 ids', rowLogProbs: 'int64 ids', 'rowLogProbs capped': 'int64 ids', 'rowLogProbs capped, entropy': 'int64 ids',
  crossEntropyRows: 'int64 ids', quantizeRows: 'int8 rows', quantizedMatmul: 'int8 rows',
};

const device = findVulkan();
if (device.name === null) console.warn(`test/gpu: skipped, because ${device.reason}`);

describe.skipIf(device.name === null)(`ops on webgpu (${device.name ?? 'no device'})`, () => {
  let run: ChildRun<Case>;
  const cases = new Map<string, Case[]>();
  beforeAll(async () => {
    if (device.name === null) return;
    run = await runChild<Case>('check-ops.ts', device.env);
    for (const r of run.records) if (r.name !== undefined) cases.set(r.name, [...cases.get(r.name) ?? [], r]);
  }, 600_000);

  test('the process came to its end', () => {
    const last = run.records.findLast((r) => r.at !== undefined);
    expect({ done: run.records.at(-1)?.done, code: run.code, signal: run.signal }, `ended at ${last?.at} ${last?.what}: ${run.errors}`).toEqual({ done: true, code: 0, signal: null });
  });

  test.each([...ops, ...fusedOps].filter((op) => op.name !== 'customGrad').map((op) => op.name).concat(fnSamples.map((s) => s.name)))('%s', (name) => {
    const own = cases.get(name) ?? [];
    expect(own.length).toBeGreaterThan(0);
    for (const c of own) {
      expect(c.error, c.what).toBeUndefined();
      expect(c.distance, c.what).toBeLessThan(TOLERANCE);
      if (ON_THE_CPU[name] === undefined) expect(c.off, c.what).toEqual([]);
    }
  });
});
