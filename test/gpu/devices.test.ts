/** Training and generation of a tiny model on a WebGPU device equal the CPU provider's, and no node of an inner loop leaves the device. Skipped, with the reason, where there is no Vulkan device. */

import { beforeAll, describe, expect, test } from 'vitest';
import { runChild, type ChildRun } from './run-child.ts';
import { findVulkan } from './vulkan.ts';

interface Answer { tokens: number[]; logprobs: number[] }
interface Line { placement?: string; nodes?: number; off?: string[]; training?: string; generation?: true; cpu?: unknown; webgpu?: unknown; done?: true; error?: string }

/** Relative, of loss and gradient norm over four steps. Measured on SwiftShader: below 4e-7. */
const TRAINING = 1e-5;
/** Absolute, of a token's log-probability. Measured: 1e-6. */
const LOGPROB = 1e-4;
/** Nodes of an inner loop that belong on the processor: none. Ids come as int32, which the device gathers by. */
const HOST_SIDE: string[] = [];

const device = findVulkan();
if (device.name === null) console.warn(`test/gpu: skipped, because ${device.reason}`);

describe.skipIf(device.name === null)(`webgpu (${device.name ?? 'no device'})`, () => {
  let run: ChildRun<Line>;
  beforeAll(async () => { if (device.name !== null) run = await runChild<Line>('check-devices.ts', device.env); }, 600_000);
  const line = (pick: (l: Line) => boolean): Line => { const found = run.records.find(pick); expect(found, run.records.at(-1)?.error ?? run.errors).toBeDefined(); return found!; };

  test('the process came to its end', () => { expect({ last: run.records.at(-1), code: run.code, signal: run.signal }, run.errors).toEqual({ last: { done: true }, code: 0, signal: null }); });

  test.each([['SFT LoRA', 400], ['SFT full, recomputed', 400], ['qwen2 LoRA', 400], ['DPO LoRA', 450], ['DoRA with dropout', 600], ['QLoRA', 400], ['prefill', 70], ['decode', 70]])('every node of %s runs on the device', (name, least) => {
    const { nodes, off } = line((l) => l.placement === name);
    expect(nodes).toBeGreaterThan(least);
    expect(off!.filter((n) => !HOST_SIDE.includes(n))).toEqual([]);
  });

  test.each(['LoRA', 'full'])('%s: loss and gradient norm of every step', (name) => {
    const { cpu, webgpu } = line((l) => l.training === name) as { cpu: number[]; webgpu: number[] };
    expect(webgpu).toHaveLength(8);
    webgpu.forEach((x, i) => { expect(Math.abs(x / cpu[i]! - 1), `value ${i}`).toBeLessThan(TRAINING); });
  });

  test('greedy answers and their log-probabilities', () => {
    const { cpu, webgpu } = line((l) => l.generation === true) as { cpu: Answer[]; webgpu: Answer[] };
    expect(webgpu.map((a) => a.tokens)).toEqual(cpu.map((a) => a.tokens));
    expect(cpu[0]!.tokens).toHaveLength(12);
    webgpu.forEach((a, k) => { a.logprobs.forEach((x, i) => { expect(Math.abs(x - cpu[k]!.logprobs[i]!)).toBeLessThan(LOGPROB); }); });
  });
});
