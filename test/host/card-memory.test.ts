/** What the system says of a graphics card's memory: an nvidia-smi on the PATH, the files of the amdgpu driver, a Mac's share; and what nobody says stays unknown. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cardMemory, type CardSources } from '../../src/main/host/card-memory.ts';

const root = mkdtempSync(join(tmpdir(), 'anneal-card-'));
afterAll(() => { rmSync(root, { recursive: true, force: true }); });
let made = 0;

/** A PATH on which nvidia-smi prints these lines, and fails where it is asked for anything else. */
function smi(...lines: string[]): NodeJS.ProcessEnv {
  const folder = join(root, `bin-${made++}`), file = join(folder, 'nvidia-smi');
  mkdirSync(folder);
  writeFileSync(file, `#!/bin/sh\n[ "$1" = "--query-gpu=name,memory.total,memory.free" ] || exit 9\n${lines.map((l) => `echo '${l}'`).join('\n')}\n`);
  chmodSync(file, 0o755);
  return { PATH: [folder, '/bin', '/usr/bin'].join(delimiter) };
}
function sysfs(cards: Record<string, Record<string, string>>): string {
  const folder = join(root, `sys-${made++}`);
  for (const [card, files] of Object.entries(cards)) {
    const device = join(folder, 'class/drm', card, 'device');
    mkdirSync(device, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(device, name), `${text}\n`);
  }
  return folder;
}
const nowhere: CardSources = { env: { PATH: join(root, 'empty') }, sysfs: join(root, 'empty'), platform: 'linux', arch: 'x64', memory: 16e9, free: () => 9e9 };
const hard = { software: false, limit: null };
const MIB = 2 ** 20;

test('nvidia-smi tells name, size and room, in MiB', async () => {
  expect(await cardMemory('cuda', hard, { ...nowhere, env: smi('NVIDIA GeForce RTX 4070, 12282, 10752') })).toEqual({ name: 'NVIDIA GeForce RTX 4070', total: 12282 * MIB, free: 10752 * MIB, source: 'nvidia-smi', shared: false, limit: null, cards: 1 });
});

test('of several cards the one with the least room counts', async () => {
  const env = smi('NVIDIA A, 24576, 24000', 'NVIDIA B, rev 2, 24576, 3000');
  expect(await cardMemory('webgpu', hard, { ...nowhere, env })).toMatchObject({ name: 'NVIDIA B, rev 2', free: 3000 * MIB, cards: 2 });
});

test.each([['an answer that is none', smi('Failed to initialize NVML: Driver/library version mismatch')], ['a card without memory', smi('Odd, [N/A], [N/A]')], ['no program', { PATH: join(root, 'empty') }]])('%s: nothing is known', async (_name, env) => {
  expect(await cardMemory('cuda', hard, { ...nowhere, env })).toEqual({ name: null, total: null, free: null, source: null, shared: false, limit: null, cards: 0 });
});

test('amdgpu: total less used, from sysfs; a card without these files is none, and CUDA does not use it', async () => {
  const folder = sysfs({ card0: { vendor: '0x8086' }, card1: { mem_info_vram_total: '8573157376', mem_info_vram_used: '573157376', product_name: 'Radeon RX 7600' }, 'card1-DP-1': { mem_info_vram_total: '1', mem_info_vram_used: '0' } });
  expect(await cardMemory('webgpu', hard, { ...nowhere, sysfs: folder })).toEqual({ name: 'Radeon RX 7600', total: 8573157376, free: 8e9, source: 'sysfs', shared: false, limit: null, cards: 1 });
  expect((await cardMemory('cuda', hard, { ...nowhere, sysfs: folder })).source).toBeNull();
});

test('a Mac shares its memory: two thirds, above 36 GB three quarters', async () => {
  const mac = (memory: number): Promise<{ total: number | null }> => cardMemory('webgpu', hard, { ...nowhere, platform: 'darwin', arch: 'arm64', memory });
  expect(await mac(24 * 2 ** 30)).toMatchObject({ total: 16 * 2 ** 30, free: null, source: 'unified', shared: true });
  expect((await mac(64 * 2 ** 30)).total).toBe(48 * 2 ** 30);
  expect((await cardMemory('webgpu', hard, { ...nowhere, platform: 'darwin', arch: 'x64' })).total).toBeNull();
});

test('a software renderer has the memory of the computer, whatever cards there are; a limit is carried along', async () => {
  const env = smi('NVIDIA A, 24576, 24000');
  expect(await cardMemory('webgpu', { software: true, limit: 4e9 }, { ...nowhere, env })).toMatchObject({ total: 16e9, free: 9e9, source: 'software', shared: true, limit: 4e9 });
  expect(await cardMemory('webgpu', { software: false, limit: 4e9 }, nowhere)).toMatchObject({ total: null, limit: 4e9 });
});
