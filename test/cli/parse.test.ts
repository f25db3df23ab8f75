/** Words in, status and sentences out: help, mistakes, tables, recipes with --set. No host is started. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/main/cli/index.ts';
import { runCommandLine } from '../../src/main/cli/main.ts';
import { progress } from '../../src/main/cli/progress.ts';
import { readRecipe } from '../../src/main/cli/recipe-input.ts';
import { table } from '../../src/main/cli/table.ts';
import { formatBytes, formatCount, formatDuration, formatValue } from '../../src/shared/units.ts';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'anneal-cli-')); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

async function run(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '', err = '';
  const status = await runCommandLine(words, { out: (t) => { out += t; }, err: (t) => { err += t; }, tty: false, columns: () => 80 });
  return { status, out, err };
}

test('help of everything and of each command; version', async () => {
  const all = await run('--help');
  expect(all.status).toBe(0);
  for (const c of COMMANDS) {
    expect(all.out).toContain(c.name);
    const one = await run(...c.name.split(' '), '--help');
    expect(one).toMatchObject({ status: 0, err: '' });
    for (const option of Object.keys(c.options)) expect(one.out).toContain(`--${option}`);
  }
  expect((await run('--version')).out).toBe('0.1.0\n');
  expect((await run()).status).toBe(2);
});

test.each([
  [['trian'], 2, 'error bad-request: There is no command "trian". Did you mean train?'],
  [['model'], 2, 'error bad-request: model needs a second word: model import, model download, model list.'],
  [['train'], 2, 'error bad-request: train needs <recipe.yaml>: see train --help.'],
  [['runs', 'x'], 2, 'error bad-request: runs does not know what to do with "x": see runs --help.'],
  [['model', 'list', '--jsn'], 2, 'error bad-request: model list has no option --jsn. Did you mean --json?'],
  [['train', 'nowhere.yaml'], 1, 'error file-not-found: The recipe "nowhere.yaml" cannot be read: is the path right?'],
])('%j', async (words, status, err) => { expect(await run(...words)).toEqual({ status, out: '', err: `${err}\n` }); });

test('a recipe: --set, paths from its folder, mistakes that name the line', async () => {
  const at = join(folder, 'recipes');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'rows.jsonl'), '');
  const file = join(at, 'r.yaml');
  writeFileSync(file, 'method: sft\nmodel: some-name\ndata: {train: rows.jsonl, eval: other-name}\ntrain: {learning_rate: 1.0e-3}\n');
  expect(readRecipe(file, ['train.max_steps=5', 'adapter=none', 'samples.prompts=[a, b]', 'name=my run', 'train.packing=true'])).toEqual({
    method: 'sft', model: 'some-name', name: 'my run', data: { train: join(at, 'rows.jsonl'), eval: 'other-name' }, adapter: 'none', samples: { prompts: ['a', 'b'] }, train: { learning_rate: 1e-3, max_steps: 5, packing: true },
  });
  expect(() => readRecipe(file, ['novalue'])).toThrow('--set wants name=value, not "novalue".');
  writeFileSync(file, 'method: sft\ntrain:\n  a: [1, 2\n');
  expect(() => readRecipe(file, [])).toThrow(/^The recipe is not valid YAML at line \d/);
  writeFileSync(file, '- a\n');
  expect(() => readRecipe(file, [])).toThrow('must be a table of keys');
});

test('progress: plain lines now and then, or one line that is redrawn', () => {
  let now = 0, text = '';
  const io = { out: () => undefined, err: (t: string) => { text += t; }, tty: false, columns: () => 80 };
  const plain = progress(io, 'run', () => now);
  for (let i = 1; i <= 10; i++) { now += 1000; plain.update(i / 10, [`step ${i}`], 10 - i); }
  plain.end();
  expect(text).toBe('run, 10 %, step 1, 9.0 s left\nrun, 60 %, step 6, 4.0 s left\nrun, 100 %, step 10, 0.0 s left\n');
  text = '';
  const bar = progress({ ...io, tty: true }, 'run', () => now);
  now += 1000;
  bar.update(0.5, ['step 5'], null);
  bar.say('hello');
  bar.end();
  expect(text).toBe('run ████████████░░░░░░░░░░░░ 50 %  step 5\r\u001b[2Khello\n');
});

test('tables and numbers', () => {
  expect(table(['a', 'rows'], [['中文', '1'], ['x', '100']], [1])).toBe('a     rows\n中文     1\nx      100');
  expect([0, 999, 1000, 12_345_678, 999_600_000].map(formatBytes)).toEqual(['0 bytes', '999 bytes', '1.00 kB', '12.3 MB', '1.00 GB']);
  expect([0, 9.94, 59.6, 61, 3599.7, 7500, 200_000].map(formatDuration)).toEqual(['0.0 s', '9.9 s', '1 min 00 s', '1 min 01 s', '1 h 00 min', '2 h 05 min', '2 d 7 h']);
  expect([5, 4_060_000, 999_999].map(formatCount)).toEqual(['5', '4.06 M', '1.00 M']);
  expect([0, 1.23456, 0.0002, 12345678.9, 3, NaN].map(formatValue)).toEqual(['0', '1.235', '2.00e-4', '1.23e+7', '3', 'NaN']);
});
