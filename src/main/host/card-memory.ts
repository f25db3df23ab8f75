/**
 * How much memory the graphics card has, and how much of it is free, as far as the system tells: NVIDIA's nvidia-smi, the amdgpu driver's files (mem_info_vram_total, mem_info_vram_used; kernel
 * documentation, "amdgpu sysfs"), on a Mac the share of the computer's memory that Metal lets a program use. What no source says is null: never guessed.
 */
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import type { CardMemory, ProviderId } from '../../shared/schema/device.ts';

/** Where it is looked up; tests name their own. */
export interface CardSources { env?: NodeJS.ProcessEnv; sysfs?: string; platform?: NodeJS.Platform; arch?: string; memory?: number; free?: () => number }
interface Found { name: string; total: number; free: number; source: 'nvidia-smi' | 'sysfs' }

const MIB = 2 ** 20;
const ASK_MS = 4000;
/** Metal's recommendedMaxWorkingSetSize on Apple silicon: two thirds of the memory up to 36 GB, three quarters above. */
const metalShare = (memory: number): number => (memory <= 36 * 2 ** 30 ? (memory * 2) / 3 : (memory * 3) / 4);

/** `software`: the device is a renderer on the processor. `limit`: bytes that the person allows; null: no limit. Of several cards the one with the least room counts: which one is used is the driver's choice. */
export async function cardMemory(id: ProviderId, { software, limit }: { software: boolean; limit: number | null }, sources: CardSources = {}): Promise<CardMemory> {
  const { platform = process.platform, arch = process.arch, memory = os.totalmem(), free = os.freemem } = sources;
  const unknown: CardMemory = { name: null, total: null, free: null, source: null, shared: false, limit, cards: 0 };
  if (software) return { ...unknown, total: memory, free: free(), source: 'software', shared: true, cards: 1 };
  const found = [...await nvidiaCards(sources), ...(id === 'cuda' || platform !== 'linux' ? [] : await amdCards(sources))];
  const least = found.toSorted((a, b) => a.free - b.free)[0];
  if (least !== undefined) return { ...least, shared: false, limit, cards: found.length };
  if (platform === 'darwin' && arch === 'arm64') return { ...unknown, total: metalShare(memory), source: 'unified', shared: true, cards: 1 };
  return unknown;
}

async function nvidiaCards({ env = process.env }: CardSources): Promise<Found[]> {
  const text = await new Promise<string>((resolve) => {
    execFile('nvidia-smi', ['--query-gpu=name,memory.total,memory.free', '--format=csv,noheader,nounits'], { env, timeout: ASK_MS, windowsHide: true }, (error, out) => { resolve(error === null ? out : ''); });
  });
  return text.split('\n').flatMap((line) => {
    // A name may hold a comma.
    const [, name, total, free] = /^(.+), *(\d+), *(\d+)\s*$/.exec(line) ?? [];
    return name === undefined || Number(total) === 0 ? [] : [{ name: name.trim(), total: Number(total) * MIB, free: Number(free) * MIB, source: 'nvidia-smi' as const }];
  });
}

async function amdCards({ sysfs = '/sys' }: CardSources): Promise<Found[]> {
  const folder = join(sysfs, 'class/drm');
  const cards = (await readdir(folder).catch((): string[] => [])).filter((name) => /^card\d+$/.test(name)).sort();
  const read = async (card: string, file: string): Promise<string> => readFile(join(folder, card, 'device', file), 'utf8').catch(() => '');
  const found: Found[] = [];
  for (const card of cards) {
    const total = Number(await read(card, 'mem_info_vram_total')), used = await read(card, 'mem_info_vram_used');
    if (!(total > 0) || used === '') continue;
    found.push({ name: (await read(card, 'product_name')).trim() || `amdgpu ${card}`, total, free: Math.max(0, total - Number(used)), source: 'sysfs' });
  }
  return found;
}
