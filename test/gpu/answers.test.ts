/** Samples and probes of a run that is computed on a WebGPU device are computed there, and equal the processor's. Skipped, with the reason, where there is no Vulkan device. */

import { describe, expect, test } from 'vitest';
import { runChild } from './run-child.ts';
import { findVulkan } from './vulkan.ts';

interface Line { device?: string; tokens?: number[][]; kl?: number[][]; entropy?: number[][]; done?: true; error?: string }
/** Absolute, in nats. */
const PROBE = 1e-4;
const device = findVulkan();
if (device.name === null) console.warn(`test/gpu: skipped, because ${device.reason}`);

describe.skipIf(device.name === null)(`webgpu (${device.name ?? 'no device'})`, () => {
  test('answers, and KL and entropy of every token', async () => {
    const { records, code, errors } = await runChild<Line>('check-answers.ts', device.name === null ? {} : device.env);
    expect({ code, last: records.at(-1) }, errors).toEqual({ code: 0, last: { done: true } });
    const [cpu, own] = records as [Required<Line>, Required<Line>];
    expect([cpu.device, own.device]).toEqual(['cpu', 'webgpu']);
    expect(own.tokens).toEqual(cpu.tokens);
    expect(cpu.kl.flat().length).toBe(20);
    expect(Math.max(...cpu.kl.flat())).toBeGreaterThan(0.001);
    for (const measure of ['kl', 'entropy'] as const) own[measure].flat().forEach((x, i) => { expect(Math.abs(x - cpu[measure].flat()[i]!), `${measure} ${i}`).toBeLessThan(PROBE); });
  }, 400_000);
});
