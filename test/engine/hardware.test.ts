/** Which Vulkan drivers are software, from their manifests; and which buses have a display adapter. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hasDisplayAdapter, vulkanDrivers } from '../../src/main/engine/runtime/hardware.ts';

const folder = mkdtempSync(join(tmpdir(), 'hardware-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const manifest = (name: string, library: string): string => { const file = join(folder, name); writeFileSync(file, JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.3.0' } })); return file; };

test('software renderers are known by manifest or library, others are cards', () => {
  const swift = manifest('vk_swiftshader_icd.json', './libvk_swiftshader.so'), lavapipe = manifest('lvp_icd.x86_64.json', '/usr/lib/libvulkan_lvp.so'), renamed = manifest('driver.json', '/usr/lib/libvulkan_lvp.so'), nvidia = manifest('nvidia_icd.json', 'libGLX_nvidia.so.0');
  expect(vulkanDrivers({ VK_ICD_FILENAMES: [swift, lavapipe, renamed, nvidia].join(':') })).toEqual({ hardware: ['nvidia_icd.json'], software: ['vk_swiftshader_icd.json', 'lvp_icd.x86_64.json', 'driver.json'] });
  expect(vulkanDrivers({ VK_DRIVER_FILES: swift, VK_ICD_FILENAMES: nvidia }).hardware).toEqual([]);
  expect(vulkanDrivers({ VK_ICD_FILENAMES: join(folder, 'gone.json') })).toEqual({ hardware: [], software: [] });
});

test('a display adapter is one of PCI class 03 (or 12, accelerators)', () => {
  const bus = (name: string, ...classes: string[]): string => { const root = join(folder, name); classes.forEach((c, i) => { mkdirSync(join(root, `0000:00:0${i}.0`), { recursive: true }); writeFileSync(join(root, `0000:00:0${i}.0`, 'class'), `${c}\n`); }); return root; };
  expect(hasDisplayAdapter(bus('none', '0x020000', '0x010802'))).toBe(false);
  expect(hasDisplayAdapter(bus('card', '0x020000', '0x030200'))).toBe(true);
  expect(hasDisplayAdapter(join(folder, 'no such bus'))).toBe(false);
});
