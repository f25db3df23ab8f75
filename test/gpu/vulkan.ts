/** A Vulkan device to test on: the machine's own, or SwiftShader, which chromium's package brings with a loader of its own. Gives the environment for a child process, or the reason why there is none. */

import { existsSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type VulkanDevice = { name: string; env: Record<string, string> } | { name: null; reason: string };

const CHROMIUM = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
const DRIVERS = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

/** ANNEAL_TEST_GPU=own takes the machine's drivers as they are. */
export function findVulkan(): VulkanDevice {
  if (process.platform !== 'linux') return { name: null, reason: 'the software Vulkan device of these tests is looked for on Linux only' };
  if (process.env['ANNEAL_TEST_GPU'] === 'own') return DRIVERS.some((d) => existsSync(d) && readdirSync(d).length > 0) ? { name: 'own', env: {} } : { name: null, reason: 'ANNEAL_TEST_GPU=own, but no Vulkan driver is installed' };
  for (const folder of CHROMIUM) {
    const manifest = join(folder, 'vk_swiftshader_icd.json'), loader = join(folder, 'libvulkan.so.1');
    if (!existsSync(manifest) || !existsSync(loader)) continue;
    // A folder of its own: chromium's other libraries must not be found before the system's.
    const own = mkdtempSync(join(tmpdir(), 'anneal-vulkan-'));
    symlinkSync(loader, join(own, 'libvulkan.so.1'));
    return { name: 'SwiftShader', env: { VK_ICD_FILENAMES: manifest, LD_LIBRARY_PATH: [own, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':') } };
  }
  return { name: null, reason: `SwiftShader's vk_swiftshader_icd.json is in none of ${CHROMIUM.join(', ')}; install the package chromium` };
}
