/** What this installation of onnxruntime-node can execute on, with a reason for everything that it cannot. Listing is not proof that a device works: a session must still be created. */

import './no-telemetry.ts';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';

export type ProviderId = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml';
export interface ProviderInfo { readonly id: ProviderId; readonly available: boolean; readonly reason: string }

const ABSENT: Record<Exclude<ProviderId, 'cpu'>, string> = {
  webgpu: 'This build of onnxruntime-node does not contain the WebGPU provider.',
  cuda: 'The CUDA provider is not part of the package; its library has to be fetched by an explicit command (Linux x64 only).',
  coreml: 'CoreML exists on macOS only.',
  dml: 'DirectML exists on Windows only.',
};

export function listProviders(): ProviderInfo[] {
  const built = new Set(listSupportedBackends().map(b => b.name));
  const ids = Object.keys(ABSENT) as Exclude<ProviderId, 'cpu'>[];
  return [{ id: 'cpu' as const, available: true, reason: 'Built in.' }, ...ids.map((id): ProviderInfo => {
    if (!built.has(id)) return { id, available: false, reason: ABSENT[id] };
    // The binding names CUDA on every Linux x64, but its provider is a library of its own.
    if (id === 'cuda' && !cudaLibrary()) return { id, available: false, reason: ABSENT.cuda };
    return { id, available: false, reason: 'Contained in the package, but not used yet: this version trains and generates on the CPU, and no device has been tried.' };
  })];
}

/** The provider's library beside the binding of the package that Node resolves from the working folder. */
function cudaLibrary(): boolean {
  try {
    const root = dirname(createRequire(join(process.cwd(), 'package.json')).resolve('onnxruntime-node/package.json'));
    return existsSync(join(root, 'bin/napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so'));
  } catch { return false; }
}
