/** The whole demo with the real engine and the network refused: a very small random model in place of the embedded one, the embedded data cut short. Nothing is tried on the network. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Demo } from '../../src/shared/schema/entities.ts';
import { writeRealModel } from '../support/real-model.ts';

const EMBEDDED = join(import.meta.dirname, '../../resources/demo');
const STEPS = 25, ALIGN_STEPS = 4, ROWS = 24;
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'anneal-offline-'));
  const demo = join(root, 'resources', 'demo');
  mkdirSync(join(demo, 'data'), { recursive: true });
  writeRealModel(join(demo, 'model'));
  for (const part of ['train', 'dev', 'heldout']) writeFileSync(join(demo, 'data', `instruct-${part}.jsonl`), readFileSync(join(EMBEDDED, 'data', `instruct-${part}.jsonl`), 'utf8').split('\n').slice(0, ROWS).join('\n'));
  for (const part of ['train', 'dev', 'heldout']) writeFileSync(join(demo, 'data', `preference-${part}.jsonl`), readFileSync(join(EMBEDDED, 'data', `preference-${part}.jsonl`), 'utf8').split('\n').slice(0, ROWS).join('\n'));
  for (const [name, steps] of [['recipe.yaml', STEPS], ['dpo-recipe.yaml', ALIGN_STEPS]] as const) {
    const recipe = parse(readFileSync(join(EMBEDDED, name), 'utf8')) as { train: Record<string, unknown> };
    writeFileSync(join(demo, name), stringify({ ...recipe, train: { ...recipe.train, max_steps: steps } }));
  }
});
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

test('the demo runs offline, and tries no connection', { timeout: 120_000 }, async () => {
  const file = join(root, 'demo.json');
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/main/cli.ts'), 'demo', '--json', file, '--home', join(root, 'home')], { env: { ...process.env, ANNEAL_RESOURCES: join(root, 'resources'), ANNEAL_OFFLINE: 'refuse' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '';
  child.stdout.on('data', (d: Buffer) => { out += d.toString(); });
  child.stderr.on('data', (d: Buffer) => { err += d.toString(); });
  const status = await new Promise((resolve) => { child.on('close', resolve); });
  expect({ status, err: err.split('\n').filter((l) => l.startsWith('error')) }).toEqual({ status: 0, err: [] });
  const result = JSON.parse(readFileSync(file, 'utf8')) as Demo & { connections: number; steps: number; seconds: number; training_seconds: number };
  expect(result).toMatchObject({ status: 'done', connections: 0, steps: STEPS, align_steps: ALIGN_STEPS, error: null });
  expect(result.alignment?.categories.at(-1)).toMatchObject({ task: 'all', n: ROWS });
  expect(result.alignment?.exact_match.n).toBe(ROWS);
  for (const { reward_accuracy: a } of result.alignment?.categories ?? []) { expect(a.low).toBeLessThanOrEqual(a.value); expect(a.value).toBeLessThanOrEqual(a.high); }
  expect(result.scores.at(-1)).toMatchObject({ task: 'all', n: ROWS });
  for (const s of result.scores) { expect(s.base_low).toBeLessThanOrEqual(s.base); expect(s.tuned).toBeLessThanOrEqual(s.tuned_high); }
  expect(result.scores.slice(0, -1).reduce((n, s) => n + s.n, 0)).toBe(ROWS);
  expect(result.seconds).toBeGreaterThan(result.training_seconds);
  expect(out).toMatch(/^Exact match on held-out rows\n\ntask +rows +base +95 % interval +tuned +95 % interval\n/);
  expect(out).toMatch(/\nDifference .* McNemar p .*: (better|worse|undecided)\.\n/);
  expect(out).toMatch(/\nAligned against fine-tuned on held-out pairs\n\ncategory +pairs +ranked right/);
  expect(out).toMatch(/\nHeld-out pairs ranked right by the reward .*: (above chance|below chance|not told from chance)\.\n/);
});
