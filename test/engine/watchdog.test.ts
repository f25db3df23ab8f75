/** The watchdog in real processes: beats while the event loop is blocked and says for how long, keeps nothing alive, needs nobody who listens. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BEAT_PREFIX, parseBeat } from '../../src/main/engine/protocol.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';

const file = (name: string): string => join(import.meta.dirname, name);
const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => { child.on('exit', resolve); });

test('the format of a beat', () => {
  expect(parseBeat(`${BEAT_PREFIX}0`)).toBe(0);
  expect(parseBeat(`${BEAT_PREFIX}123456`)).toBe(123_456);
  for (const line of ['', '12', 'anneal-beat 12', `x${BEAT_PREFIX}12`, `${BEAT_PREFIX}`, `${BEAT_PREFIX}-1`, `${BEAT_PREFIX}12 and more`]) expect(parseBeat(line), JSON.stringify(line)).toBeNull();
});

test('an engine whose loop is blocked keeps beating and tells the time; freed, it starts from nothing', async () => {
  const child = nodeSpawner({ entryFile: () => file('blocked-engine.ts') }).spawn({ entry: 'engine', name: 'train' });
  const lines: (string | number)[] = [];
  await new Promise<void>((resolve) => { child.onLine((line) => { lines.push(parseBeat(line) ?? line); if (line === 'free') resolve(); }); });
  const beats = (from: string, to: string): number[] => lines.slice(lines.indexOf(from), lines.indexOf(to)).filter((x) => typeof x === 'number');
  for (const [from, to] of [['first block', 'second block'], ['second block', 'free']] as const) {
    const blocked = beats(from, to), most = Math.max(...blocked);
    expect(blocked.length).toBeGreaterThanOrEqual(3);
    expect(most).toBeGreaterThan(1500);
    expect(most).toBeLessThan(4500); // the second one does not go on from the first
  }
  const exit = new Promise<{ code: number | null; tail: string[] }>((resolve) => { child.onExit(resolve); });
  child.release();
  const { code, tail } = await exit;
  expect(code).toBe(0);
  expect(tail).toEqual(['first block', 'second block', 'free']); // beats do not push out an engine's last words
});

test('it keeps no process alive', async () => {
  const child = spawn(process.execPath, [file('watched-program.ts'), '300'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data: Buffer) => { text += data.toString(); });
  expect(await ended(child)).toBe(0);
  expect(text.split('\n').filter((line) => line !== '').map(parseBeat)).toContain(0);
});

test('it survives a closed output', async () => {
  const child = spawn(process.execPath, [file('watched-program.ts'), '2600'], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => { child.stdout.destroy(); });
  const began = performance.now();
  expect(await ended(child)).toBe(0);
  expect(performance.now() - began).toBeGreaterThan(2600);
});
