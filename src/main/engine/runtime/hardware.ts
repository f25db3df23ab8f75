/** Signs of a graphics card that need no driver call: Vulkan driver manifests and NVIDIA's kernel driver on Linux. Elsewhere the system brings its driver and nothing is looked up. */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

export interface VulkanDrivers { readonly hardware: readonly string[]; readonly software: readonly string[] }

/** Renderers that compute on the processor: Google's SwiftShader, Mesa's llvmpipe (lavapipe). */
const SOFTWARE = /swiftshader|lvp|llvmpipe|lavapipe/i;
/** Where the Vulkan loader looks (its documentation, "driver discovery on Linux"). */
const FOLDERS = ['/etc/vulkan/icd.d', '/usr/local/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d', join(homedir(), '.local/share/vulkan/icd.d')];

export function vulkanDrivers(env: NodeJS.ProcessEnv = process.env): VulkanDrivers {
  const named = env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'];
  const files = named === undefined ? FOLDERS.flatMap((d) => jsonFiles(d)) : named.split(':').flatMap((p) => (p.endsWith('.json') ? [p] : jsonFiles(p)));
  const drivers = files.filter((f) => existsSync(f)).map((file) => ({ file, library: libraryOf(file) }));
  const isSoftware = (d: { file: string; library: string }): boolean => SOFTWARE.test(basename(d.file)) || SOFTWARE.test(d.library);
  return { hardware: drivers.filter((d) => !isSoftware(d)).map((d) => basename(d.file)), software: drivers.filter(isSoftware).map((d) => basename(d.file)) };
}

/** A display adapter on the bus. Manifests of drivers without a card are common (a desktop's packages bring them all). */
export function hasDisplayAdapter(devices = '/sys/bus/pci/devices'): boolean {
  try {
    return readdirSync(devices).some((d) => /^0x(03|12)/.test(readFileSync(join(devices, d, 'class'), 'utf8')));
  } catch { return false; }
}

export const nvidiaDriver = (): boolean => process.platform !== 'linux' || existsSync('/proc/driver/nvidia/version');

function jsonFiles(folder: string): string[] {
  try { return readdirSync(folder).filter((f) => f.endsWith('.json')).map((f) => join(folder, f)); } catch { return []; }
}
function libraryOf(file: string): string {
  try { return (JSON.parse(readFileSync(file, 'utf8')) as { ICD?: { library_path?: string } }).ICD?.library_path ?? ''; } catch { return ''; }
}
