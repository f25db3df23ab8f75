/** `anneal doctor` on a WebGPU device: five steps through host and engine; and a software renderer is named as one. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SelfTestStep } from '../../src/shared/schema/device.ts';
import { findVulkan } from './vulkan.ts';

const device = findVulkan();
if (device.name === null) console.warn(`test/gpu: skipped, because ${device.reason}`);
const home = mkdtempSync(join(tmpdir(), 'gpu-doctor-'));
afterAll(() => { rmSync(home, { recursive: true, force: true }); });

test.skipIf(device.name === null)('every step of the self-test passes on webgpu', async () => {
  const cli = join(import.meta.dirname, '../../src/main/cli.ts');
  const out = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [cli, 'doctor', '--json', '--device', 'webgpu', '--home', home], { env: { ...process.env, ...(device.name === null ? {} : device.env) }, maxBuffer: 1 << 24 }, (e, stdout) => { if (stdout === '') reject(e ?? new Error('no output')); else resolve(stdout); });
  });
  const report = JSON.parse(out) as { devices: SelfTestStep[]; info: { providers: { id: string; available: boolean; software?: boolean }[] } };
  expect(report.devices.map((s) => [s.device, s.step, s.ok]), JSON.stringify(report.devices)).toEqual(['compile', 'forward', 'gradient', 'train', 'generate'].map((step) => ['webgpu', step, true]));
  if (device.name === 'SwiftShader') expect(report.info.providers.find((p) => p.id === 'webgpu')).toMatchObject({ available: true, software: true });
}, 600_000);
