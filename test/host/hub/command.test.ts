/** `anneal model download` as a process of its own, with the network guard in force and the real engine: the model arrives, is imported, and nothing else was reachable. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeRealModel } from '../../support/real-model.ts';
import { hubServer } from './hub-server.ts';
import type { HubServer } from './hub-server.ts';

const ROOT = mkdtempSync(join(tmpdir(), 'anneal-hub-'));
let hub: HubServer;
beforeAll(async () => {
  const folder = writeRealModel(join(ROOT, 'model'));
  hub = await hubServer({ ...Object.fromEntries(readdirSync(folder).map((n) => [n, readFileSync(join(folder, n))])), 'README.md': '---\nlicense: mit\n---\n' });
  hub.info = { cardData: { license: 'mit' }, config: { model_type: 'llama' } };
});
afterAll(async () => { await hub.close(); rmSync(ROOT, { recursive: true, force: true }); });

const anneal = (words: string[], env: Record<string, string> = {}): Promise<{ status: number | null; out: string; err: string }> => new Promise((resolve) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../../src/main/cli.ts'), ...words, '--home', join(ROOT, 'home')], { env: { ...process.env, HF_ENDPOINT: hub.url, ANNEAL_RESOURCES: join(ROOT, 'none'), ...env } });
  let out = '', err = '';
  child.stdout.on('data', (d: Buffer) => { out += d.toString(); });
  child.stderr.on('data', (d: Buffer) => { err += d.toString(); });
  child.on('close', (status) => { resolve({ status, out, err }); });
});

it('shows licence and size, downloads, imports', { timeout: 60_000 }, async () => {
  const dry = await anneal(['model', 'download', 'acme/tiny', '--dry-run']);
  expect(dry).toMatchObject({ status: 0 });
  expect(dry.err).toContain('licence: mit');
  expect(dry.out).toContain('model.safetensors');
  expect(hub.requests).toHaveLength(1);
  const done = await anneal(['model', 'download', 'acme/tiny', '--quiet']);
  expect(done.err).toContain('licence: mit');
  expect(done).toMatchObject({ status: 0 });
  expect(done.out).toContain('tiny: llama');
  expect((await anneal(['model', 'list'])).out).toContain('tiny');
});

it('says why it cannot', { timeout: 60_000 }, async () => {
  const gone = await anneal(['model', 'download', 'acme/none']);
  expect(gone.status).toBe(1);
  expect(gone.err).toMatch(/^error hub-not-found: .+\n$/);
  const offline = await anneal(['model', 'download', 'acme/tiny'], { ANNEAL_OFFLINE: 'refuse' });
  expect(offline.status).toBe(1);
  expect(offline.err).toMatch(/^error hub-unreachable: .*ANNEAL_OFFLINE=refuse/);
});
