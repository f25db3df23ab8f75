/** `kill -9` at twenty random moments of a run that saves every step: what was reported as saved is there, the run resumes, and its end equals that of a run that was never killed. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Random } from '../../src/main/engine/nn/random.ts';
import { listCheckpoints, readTrainerState } from '../../src/main/engine/train/checkpoint.ts';
import { tinyModel } from './tiny-model.ts';

const KILLS = 20;
const STEPS = 600;
const model = tinyModel();
const killed = mkdtempSync(join(tmpdir(), 'kill-'));
const whole = mkdtempSync(join(tmpdir(), 'kill-whole-'));
afterAll(() => { for (const f of [model, killed, whole]) rmSync(f, { recursive: true, force: true }); });

/** Runs the child; kills it `delay` milliseconds after its first sign of life. Returns the last step that it reported. */
function attempt(folder: string, steps: number, delay: number | null): Promise<{ last: number; code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-child.ts'), model, folder, String(steps)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      if (text === '' && delay !== null) setTimeout(() => { child.kill('SIGKILL'); }, delay);
      text += data.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => { resolve({ last: Number(text.split('\n').slice(0, -1).at(-1) ?? 0), code }); });
  });
}

it(`survives ${KILLS} kills`, async () => {
  const random = new Random(Date.now());
  let step = 0;
  let kills = 0;
  for (; kills < KILLS; kills++) {
    const { last, code } = await attempt(killed, STEPS, random.uniform() * 120);
    if (code === 0) break;
    const newest = listCheckpoints(killed).at(-1);
    const onDisk = newest === undefined ? 0 : readTrainerState(newest).global_step;
    expect(onDisk, 'what was reported as saved is on the disk').toBeGreaterThanOrEqual(last);
    expect(onDisk, 'no progress is lost').toBeGreaterThanOrEqual(step);
    step = onDisk;
  }
  expect(kills).toBe(KILLS);
  const end = step + 3;
  expect(end).toBeLessThan(STEPS);
  expect((await attempt(killed, end, null)).code).toBe(0);
  expect(readdirSync(killed).sort()).toEqual([end - 1, end].map((n) => `checkpoint-${n}`).sort());
}, 300_000);

it('and ends where an unkilled run ends', async () => {
  const newest = listCheckpoints(killed).at(-1)!;
  const { global_step: steps } = readTrainerState(newest);
  expect((await attempt(whole, steps, null)).code).toBe(0);
  expect(readTrainerState(listCheckpoints(whole).at(-1)!).global_step).toBe(steps);
  for (const file of ['adapter_model.safetensors', 'optimizer.safetensors']) expect(readFileSync(join(newest, file)).equals(readFileSync(join(listCheckpoints(whole).at(-1)!, file))), file).toBe(true);
}, 120_000);
