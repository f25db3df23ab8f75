/** Quantised weights that a crash left in the temporary folder: removed when their process is gone, and only then. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeWeightFolder, sweepWeightFolders } from '../../../src/main/engine/generate/weight-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'sweep-test-'));
afterAll(() => { rmSync(parent, { recursive: true, force: true }); });

test('folders of dead processes go, those of living ones, other machines and other programs stay', () => {
  const source = join(import.meta.dirname, '../../../src/main/engine/generate/weight-folder.ts');
  const died = spawnSync(process.execPath, ['-e', `import(${JSON.stringify(source)}).then((m) => { process.stdout.write(m.makeWeightFolder(${JSON.stringify(parent)})); process.kill(process.pid, 'SIGKILL'); })`], { encoding: 'utf8' });
  const stale = died.stdout;
  expect(basename(stale)).toMatch(/^anneal-weights-/);
  writeFileSync(join(stale, 'weights.bin'), 'x');
  const own = makeWeightFolder(parent);
  const others = [basename(stale).replace(/^anneal-weights-/, 'anneal-weights-elsewhere.'), 'anneal-weights-', 'another'].map((name) => join(parent, name));
  for (const folder of others) mkdirSync(folder);
  expect(existsSync(stale)).toBe(true);
  expect(sweepWeightFolders(parent)).toBe(1);
  expect(existsSync(stale)).toBe(false);
  for (const folder of [own, ...others]) expect(existsSync(folder)).toBe(true);
  expect(sweepWeightFolders(parent)).toBe(0);
});
