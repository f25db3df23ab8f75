/** A run whose optimiser lies on a WebGPU device: the steps of the processor, little that crosses, and the same resume, roll-back and refusal of steps that are not finite. Skipped, with the reason, where there is no Vulkan device. */

import { beforeAll, describe, expect, test } from 'vitest';
import { runChild, type ChildRun } from './run-child.ts';
import { findVulkan } from './vulkan.ts';

interface Toy { overflowed: boolean; untouched: boolean; norm: number; first: number[]; second: number[]; rolled: boolean; back: number[]; again: boolean; steps: number }
interface Traffic { traffic: number; place: string; toDevice: number; fromDevice: number; trained: number; groups: number; runs: number; batch: number; told: number }
interface Ended { outcome: string; step: number; error: string; checkpoint: unknown }
interface Line extends Partial<Traffic> {
  training?: string; cpu?: unknown; webgpu?: unknown; logs?: number; resumed?: true; outcome?: string; step?: number; whole?: number[]; parts?: number[];
  explodes?: true; scaled?: true; refused?: true; note?: string; finite?: boolean; loss?: number; placement?: string; nodes?: number; off?: string[]; done?: true; error?: string;
}

/** Relative, and of what is below 1 absolute: loss, gradient norm and metrics over four steps, as in devices.test. */
const TRAINING = 1e-5;
/** Values and moments of one update from the same gradients. */
const UPDATE = 1e-6;
const apart = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(b));

const device = findVulkan();
if (device.name === null) console.warn(`test/gpu: skipped, because ${device.reason}`);

describe.skipIf(device.name === null)(`the optimiser on webgpu (${device.name ?? 'no device'})`, () => {
  let run: ChildRun<Line>;
  beforeAll(async () => { if (device.name !== null) run = await runChild<Line>('check-resident.ts', device.env); }, 600_000);
  const line = (pick: (l: Line) => boolean): Line => { const found = run.records.find(pick); expect(found, run.records.at(-1)?.error ?? run.errors).toBeDefined(); return found!; };

  test('the process came to its end', () => { expect({ last: run.records.at(-1), code: run.code, signal: run.signal }, run.errors).toEqual({ last: { done: true }, code: 0, signal: null }); });

  test.each([['LoRA, accumulated, clipped, decayed', 10], ['all weights', 10], ['DPO on a DoRA adapter, not clipped', 30]])('%s: the steps are the processor\'s, and the log says where the state is', (name, values) => {
    const { cpu, webgpu, logs } = line((l) => l.training === name) as { cpu: number[]; webgpu: number[]; logs: number };
    expect(webgpu.length).toBeGreaterThanOrEqual(values);
    expect(cpu).toHaveLength(webgpu.length);
    expect(Math.max(...webgpu.map((x, i) => apart(x, cpu[i]!)))).toBeLessThan(TRAINING);
    expect(logs).toBe(1);
  });

  test('a run that was paused and resumed is the whole run', () => {
    const { outcome, step, whole, parts } = line((l) => l.resumed === true);
    expect({ outcome, step }).toEqual({ outcome: 'paused', step: 2 });
    expect(parts).toEqual(whole);
  });

  test('a loss that is not finite stops the run at the state before the last update, as on the processor', () => {
    const { cpu, webgpu } = line((l) => l.explodes === true) as { cpu: Ended; webgpu: Ended };
    expect(webgpu).toMatchObject({ outcome: 'stopped', step: cpu.step, error: 'loss-not-finite', checkpoint: true });
    expect(cpu.step).toBeGreaterThan(1);
  });

  test('a gradient that overflows leaves values and moments as they were; a smaller scale is taken; one update can be taken back', () => {
    const { cpu, webgpu } = line((l) => l.scaled === true) as { cpu: Toy; webgpu: Toy };
    expect(webgpu).toMatchObject({ overflowed: true, untouched: true, rolled: true, again: false, steps: 1 });
    expect(cpu).toMatchObject({ overflowed: true, rolled: true, steps: 1 });
    expect(webgpu.back).toEqual(webgpu.first);
    expect(webgpu.first).not.toEqual(webgpu.second);
    expect(apart(webgpu.norm, cpu.norm)).toBeLessThan(UPDATE);
    for (const key of ['first', 'second'] as const) expect(Math.max(...webgpu[key].map((x, i) => apart(x, cpu[key][i]!))), key).toBeLessThan(UPDATE);
  });

  test('what crosses in a step is the batch, five factors, the metrics and a number per group, however much is trained', () => {
    const [small, large, host] = run.records.filter((l): l is Traffic & Line => l.traffic !== undefined);
    for (const t of [small!, large!]) {
      expect(t.place).toBe('device');
      expect(t.toDevice).toBe(t.runs * t.batch + 5 * 4);
      expect(t.fromDevice).toBe(t.runs * t.told + t.groups * 4);
    }
    expect(large!.trained).toBe(4 * small!.trained);
    expect(large!.toDevice).toBe(small!.toDevice);
    // The other way: values in and gradients out, at each of the two runs.
    expect(host).toMatchObject({ place: 'host', toDevice: 2 * (host!.batch + 4 * host!.trained), fromDevice: 2 * (host!.told + 4 * host!.trained) });
  });

  test('where the device does not hold the state, the run goes on with the optimiser in the process, and says so', () => {
    const { note, place, finite, loss } = line((l) => l.refused === true), { cpu } = line((l) => l.training === 'all weights') as { cpu: number[] };
    expect(note).toMatch(/^The optimiser runs on the processor.*because the device did not hold its state: .+/);
    expect({ place, finite }).toEqual({ place: 'host', finite: true });
    expect(apart(loss!, cpu[0]!)).toBeLessThan(TRAINING);
  });

  test.each([['update', 250], ['norm', 50], ['sum', 20], ['training step that keeps its gradients', 350]])('every node of the %s runs on the device', (name, least) => {
    const { nodes, off } = line((l) => l.placement === name);
    expect(nodes).toBeGreaterThanOrEqual(least);
    expect(off).toEqual([]);
  });
});
