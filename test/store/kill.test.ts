/** kill -9 at random moments: the store opens, and everything that was reported as committed is there, whole. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/main/store/open.ts';

const ROUNDS = Number(process.env['ANNEAL_KILL_ROUNDS'] ?? 8);

async function writeAndKill(home: string, from: number, after: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../support/store-writer.ts'), home, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '', timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
    timer ??= setTimeout(() => child.kill('SIGKILL'), after);
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  const whole = text.slice(0, text.lastIndexOf('\n')).split('\n');
  return Number(whole.at(-1));
}

test(`nothing committed is lost in ${ROUNDS} kills`, { timeout: 20_000 + ROUNDS * 5_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'anneal-kill-'));
  try {
    let next = 1;
    for (let round = 0; round < ROUNDS; round++) {
      const reported = await writeAndKill(home, next, Math.random() * 250);
      expect(reported).toBeGreaterThanOrEqual(next);
      const store = openStore(home); // the lock went with the process
      const [loss] = store.metrics.series('r', { names: ['loss'], x: 'step', points: 100_000 });
      const last = loss?.steps.at(-1) ?? 0;
      expect(last).toBeGreaterThanOrEqual(reported); // at most the one commit whose report was cut off
      expect(loss?.mean).toEqual(Array.from({ length: last }, (_, k) => k + 1));
      expect(store.logs.lastSeq('r')).toBe(last);
      expect(Math.max(...store.models.list().map((m) => Number(m.name)))).toBe(last);
      store.close();
      next = last + 1;
    }
  } finally { rmSync(home, { recursive: true, force: true }); }
});
