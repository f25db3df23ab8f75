/** onnxruntime's telemetry leaves a device id and a database in the cache folder as soon as a session is made. With our runtime there is none; without the switch there is, so the test can fail. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { childEnvironment } from '../../src/main/supervise/spawner.ts';

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'anneal-telemetry-')); });
afterEach(() => { rmSync(home, { recursive: true, force: true }); });

const root = join(import.meta.dirname, '../..');
const session = `const { InferenceSession } = await import('onnxruntime-node'); await InferenceSession.create(new Uint8Array([1])).catch(() => {}); await new Promise((r) => setTimeout(r, 300));`;
function runIn(code: string, env: Record<string, string>): boolean {
  // Only what a person's shell has: the library keeps quiet by itself where it sees a CI variable.
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env }, stdio: 'ignore' });
  return existsSync(join(home, '.cache/Microsoft'));
}

test.runIf(process.platform === 'linux')('the library alone would write it', () => { expect(runIn(session, {})).toBe(true); });
test('our runtime switches it off before the library is loaded', () => {
  expect(runIn(`await import('./src/main/engine/runtime/session.ts'); ${session}`, {})).toBe(false);
});
test('every child process is started with the switch', () => {
  expect(runIn(session, childEnvironment({}))).toBe(false);
});
