/** What this installation of onnxruntime-node can execute on, with a reason for everything that it cannot. Listing is not proof that a device works: services/devices/probe tries it. */

import './no-telemetry.ts';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import { PROVIDERS } from '../../../shared/schema/device.ts';
import type { ProviderId } from '../../../shared/schema/device.ts';
import { tfjsAbsence } from '../tfjs/load-tfjs.ts';
import { hasDisplayAdapter, nvidiaDriver, vulkanDrivers } from './hardware.ts';

export interface ProviderInfo { readonly id: ProviderId; readonly available: boolean; readonly reason: string; /** Computes on the processor in truth. */ readonly software: boolean }

const ABSENT: Record<Exclude<ProviderId, 'cpu' | 'tfjs'>, string> = {
  webgpu: 'This build of onnxruntime-node does not contain the WebGPU provider.',
  cuda: process.platform === 'linux' && process.arch === 'x64' ? 'The CUDA provider is not part of the package: fetch its files with "npm run gpu:cuda" or in Settings.' : 'The CUDA provider exists for Linux on x64 only.',
  coreml: 'CoreML exists on macOS only.',
  dml: 'DirectML exists on Windows only.',
};

export function listProviders(): ProviderInfo[] {
  const built = new Set(listSupportedBackends().map((b) => b.name));
  return PROVIDERS.map((id): ProviderInfo => {
    if (id === 'cpu') return { id, available: true, reason: 'Built in.', software: false };
    if (id === 'tfjs') return { id, available: tfjsAbsence() === null, reason: tfjsAbsence() ?? 'TensorFlow 2.9 through tfjs; the self-test says whether it works here.', software: false };
    if (!built.has(id) || (id === 'cuda' && !cudaFiles())) return { id, available: false, reason: ABSENT[id], software: false };
    return id === 'webgpu' ? webgpu() : id === 'cuda' && !nvidiaDriver() ? { id, available: false, reason: 'The NVIDIA driver is not loaded (/proc/driver/nvidia is missing); install it, then restart.', software: false } : { id, available: true, reason: 'In the package; the self-test says whether it works here.', software: false };
  });
}

function webgpu(): ProviderInfo {
  const id = 'webgpu', found = { id, available: true, reason: 'In the package; the self-test says whether it works here.', software: false } as const;
  if (process.platform !== 'linux') return found;
  const { hardware, software } = vulkanDrivers();
  if (hardware.length > 0 && hasDisplayAdapter()) return found;
  if (software.length > 0) return { id, available: true, reason: `Only a software renderer (${software.join(', ')}), which computes on the processor: for tests, and never chosen by itself.`, software: true };
  return { id, available: false, reason: hardware.length > 0 ? 'A Vulkan driver is installed, but there is no graphics card on the bus.' : 'No Vulkan driver was found: install the driver of the graphics card and the Vulkan loader (libvulkan1).', software: false };
}

/** The folder of the binding, of the package that Node resolves from the working folder. */
export function bindingFolder(): string | undefined {
  try {
    const root = dirname(createRequire(join(process.cwd(), 'package.json')).resolve('onnxruntime-node/package.json'));
    return join(root, 'bin/napi-v6', process.platform, process.arch);
  } catch { return undefined; }
}
/** The binding names CUDA on every Linux x64, but its provider is a library of its own. */
function cudaFiles(): boolean { const folder = bindingFolder(); return folder !== undefined && existsSync(join(folder, 'libonnxruntime_providers_cuda.so')); }
