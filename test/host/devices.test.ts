/** Which device a run gets: what is chosen by itself and why, what is refused and how it is said, and a device whose driver ends the process. */

import { afterEach, expect, test, vi } from 'vitest';
import type { DeviceChoice, DeviceProbe, ProviderId, SelfTestStep } from '../../src/shared/schema/device.ts';
import { AnnealError } from '../../src/shared/errors.ts';
import { Devices } from '../../src/main/host/devices.ts';
import type { Engines } from '../../src/main/host/engines.ts';
import { removeRoot, testHost, until, writeInputs } from '../support/host.ts';

afterEach(() => { vi.unstubAllEnvs(); });

interface Machine { software?: boolean; webgpu?: Partial<DeviceProbe> | 'crash' | 'absent'; cpu?: number; steps?: number }

function devicesOf({ software = false, webgpu = 'absent', cpu = 300, steps = 5 }: Machine, setting: DeviceChoice = 'auto'): { devices: Devices; kinds: string[] } {
  const kinds: string[] = [];
  const crash = (): never => { throw new AnnealError('engine-crashed', 'The engine aborted inside its native code.'); };
  const api = {
    engine: {
      info: () => ({ providers: [{ id: 'cpu', available: true, reason: 'Built in.' }, { id: 'webgpu', available: webgpu !== 'absent', reason: webgpu === 'absent' ? 'No Vulkan driver was found.' : null, software }, { id: 'cuda', available: false, reason: 'No files.' }] }),
      probe: ({ device }: { device: ProviderId }): DeviceProbe => {
        if (device === 'cpu') return { id: 'cpu', ok: true, reason: null, software: false, half: false, gflops: cpu };
        if (webgpu === 'crash') return crash();
        if (webgpu === 'absent' || device !== 'webgpu') return { id: device, ok: false, reason: 'No Vulkan driver was found.', software: false, half: false, gflops: null };
        return { id: device, ok: true, reason: null, software, half: false, gflops: 5000, ...webgpu };
      },
      selfTest: async function* ({ device }: { device: ProviderId }): AsyncGenerator<SelfTestStep> {
        const all = ['compile', 'forward', 'gradient', 'train', 'generate'] as const;
        for (const step of all.slice(0, steps)) { await Promise.resolve(); yield { device, step, ok: true, text: 'fine', seconds: 0 }; }
        if (steps < 5) crash();
      },
    },
  };
  const engines = {
    use: async (kind: string, work: (a: typeof api) => unknown) => { kinds.push(kind); return Promise.resolve(work(api)); },
    stream: async function* (kind: string, open: (a: typeof api) => AsyncIterable<SelfTestStep>) { kinds.push(kind); yield* open(api); },
  } as unknown as Engines;
  return { devices: new Devices({ engines, setting: () => setting, threads: () => 2 }), kinds };
}
const refusal = async (p: Promise<unknown>): Promise<{ code: string; message: string }> => p.then(() => { throw new Error('not refused'); }, (e: unknown) => (e as AnnealError).toShape());

test.each([
  ['no card', {}, 'cpu', /no graphics card can be used here/],
  ['a fast card', { webgpu: {} }, 'webgpu', /chosen by itself, it runs at 5000 GFLOP\/s in matrix products, the processor at 300/],
  ['a slow card', { webgpu: { gflops: 400 } }, 'cpu', /too little to gain/],
  ['a software renderer, however fast', { webgpu: {}, software: true }, 'cpu', /no graphics card can be used here/],
  ['a card that computes wrongly', { webgpu: { ok: false, reason: 'Its matrix products are wrong.' } }, 'cpu', /does not work here \(Its matrix products are wrong\.\)/],
  ['a driver that ends the process', { webgpu: 'crash' as const }, 'cpu', /Trying it ended the process: The engine aborted/],
] as const)('auto with %s', async (_name, machine, id, why) => {
  expect(await devicesOf(machine).devices.choose({})).toMatchObject({ id, precision: 'fp32', why: expect.stringMatching(why) as string });
});

test('a device is tried in an engine of its own, once; without a candidate nothing is tried', async () => {
  const found = devicesOf({ webgpu: {} });
  await found.devices.choose({});
  await found.devices.choose({});
  expect(found.kinds.toSorted()).toEqual(['data', 'device', 'device']);
  const none = devicesOf({});
  await none.devices.choose({});
  expect(none.kinds).toEqual(['data']);
});

test('the recipe goes before the setting', async () => {
  expect((await devicesOf({ webgpu: {} }, 'webgpu').devices.choose({ device: 'cpu' })).id).toBe('cpu');
  expect((await devicesOf({ webgpu: { gflops: 1 }, software: true }, 'webgpu').devices.choose({})).why).toMatch(/as chosen; it is a software renderer/);
});

test('what cannot be had is refused in one sentence with the reason', async () => {
  expect(await refusal(devicesOf({}).devices.choose({ device: 'webgpu' }))).toMatchObject({ code: 'unavailable', message: 'device: webgpu cannot be used here. No Vulkan driver was found. Choose device: cpu or auto.' });
  expect(await refusal(devicesOf({ webgpu: {} }).devices.choose({ device: 'webgpu', precision: 'fp16' }))).toMatchObject({ code: 'recipe-value', message: /does not report float16/ });
  expect(await refusal(devicesOf({}).devices.choose({ precision: 'fp16' }))).toMatchObject({ code: 'recipe-value', message: /needs a graphics card with float16/ });
  expect(await refusal(devicesOf({ webgpu: {} }).devices.choose({ device: 'webgpu', compute: 'int8' }))).toMatchObject({ code: 'recipe-value', message: /int8 is arithmetic of the processor/ });
  expect((await devicesOf({ webgpu: { half: true } }).devices.choose({ precision: 'fp16' })).id).toBe('webgpu');
});

test('the death of the process is a failed step of the self-test', async () => {
  const steps: SelfTestStep[] = [];
  for await (const step of devicesOf({ webgpu: {}, steps: 2 }).devices.selfTest('webgpu')) steps.push(step);
  expect(steps.map((s) => [s.step, s.ok])).toEqual([['compile', true], ['forward', true], ['gradient', false]]);
  expect(steps[2]!.text).toMatch(/aborted/);
});

test('how the last self-test ended is remembered; one that was left is not', async () => {
  const { devices } = devicesOf({ webgpu: {} }), broken = devicesOf({ webgpu: {}, steps: 1 }).devices;
  for await (const step of devices.selfTest('webgpu')) if (step.step === 'forward') break;
  expect(devices.tests).toEqual([]);
  for await (const _ of devices.selfTest('webgpu')) { /* to its end */ }
  expect(devices.tests).toMatchObject([{ device: 'webgpu', ok: true, text: '' }]);
  for await (const _ of broken.selfTest('webgpu')) { /* to its end */ }
  expect(broken.tests).toMatchObject([{ device: 'webgpu', ok: false, text: 'The engine aborted inside its native code.' }]);
});

test('the wizard gets a refusal as an answer, and whether there is float16', async () => {
  const found = devicesOf({ webgpu: { half: true } }).devices;
  expect(await found.answer({ precision: 'fp16' })).toMatchObject({ chosen: { id: 'webgpu', precision: 'fp16' }, problem: null, half: true });
  expect(await found.answer({ device: 'webgpu', compute: 'int8' })).toMatchObject({ chosen: null, problem: expect.stringMatching(/arithmetic of the processor/) as string, half: true });
  expect(await found.answer({ device: 'cpu', precision: 'fp16' })).toMatchObject({ chosen: null, half: false });
  expect(await devicesOf({}).devices.answer({})).toMatchObject({ chosen: { id: 'cpu' }, half: false });
});

test('a run that goes on keeps its device; where that is gone, a named one is refused and a chosen one replaced, with a word', async () => {
  const before = { id: 'webgpu', precision: 'fp16', why: 'webgpu: chosen by itself' } as const;
  expect(await devicesOf({ webgpu: { half: true } }, 'cpu').devices.again(before, {})).toMatchObject({ id: 'webgpu', precision: 'fp16', why: 'webgpu: this run began on it' });
  expect(await devicesOf({ webgpu: { gflops: 9000 } }).devices.again({ ...before, id: 'cpu', precision: 'fp32' }, {})).toMatchObject({ id: 'cpu', why: 'cpu: this run began on it' });
  expect(await refusal(devicesOf({}).devices.again(before, { device: 'webgpu', precision: 'fp16' }))).toMatchObject({ code: 'unavailable', message: /^device: webgpu cannot be used here/ });
  expect((await devicesOf({}).devices.again(before, {})).why).toBe('cpu: the run began on webgpu, which cannot be used now, so that its last digits may differ');
});

test('the device of a run is in its record and stays through a pause, though the setting changes', async () => {
  vi.stubEnv('ANNEAL_TEST_CARD', '1');
  const t = await testHost({ cards: { env: { PATH: '' }, sysfs: '/nowhere', platform: 'linux' } });
  try {
    const { model, data } = writeInputs(t.work), { id } = await t.api.runs.create({ recipe: { method: 'sft', model, data: { train: data }, train: { max_steps: 100_000, save_steps: 0, eval_steps: 0 } } });
    expect((await until(t.api, id, 'running')).device).toMatchObject({ id: 'webgpu', precision: 'fp32', memory: { total: null, source: null } });
    await t.api.runs.pause({ id });
    await until(t.api, id, 'paused');
    await t.api.settings.set({ device: 'cpu' });
    await t.api.runs.resume({ id });
    expect((await until(t.api, id, 'running')).device).toMatchObject({ id: 'webgpu', why: 'webgpu: this run began on it' });
    await t.api.runs.stop({ id });
    await until(t.api, id, 'stopped');
  } finally { await t.close(); removeRoot(t); }
});

test('the setting of a card\'s memory is checked, and reaches the plan', async () => {
  vi.stubEnv('ANNEAL_TEST_CARD', '1');
  const t = await testHost({ cards: { env: { PATH: '' }, sysfs: '/nowhere', platform: 'linux' } });
  try {
    for (const wrong of [0, -1, Number.NaN, 1e9, '8']) await expect(t.api.settings.set({ device_memory_gb: wrong as number })).rejects.toMatchObject({ code: 'bad-request' });
    await t.api.settings.set({ device_memory_gb: 8 });
    expect((await t.api.devices.state()).memory).toMatchObject({ total: null, limit: 8e9 });
    expect((await t.api.devices.choose({})).chosen?.memory).toMatchObject({ limit: 8e9 });
  } finally { await t.close(); removeRoot(t); }
});
