/** The command line as a person or a script uses it: processes of their own, the real engine, a very small model. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/main/store/open.ts';
import { writeRealModel } from '../support/real-model.ts';

let root: string;
const at = (name: string): string => join(root, name);
const dialogue = (n: number): string => Array.from({ length: n }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `Say ${i}` }, { role: 'assistant', content: `It is ${i}.` }] })).join('\n');

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'anneal-cli-'));
  writeRealModel(at('tiny'));
  writeFileSync(at('rows.jsonl'), dialogue(32));
  writeFileSync(at('r.yaml'), 'name: first\nmethod: sft\nmodel: tiny\ndata: {train: rows.jsonl}\nadapter: {r: 2}\ntrain: {max_steps: 6, per_device_train_batch_size: 4, max_length: 64, eval_steps: 0, save_steps: 3}\nsamples: {prompts: [Say 1], sampling: {max_new_tokens: 4}}\n');
});
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

interface Result { status: number | null; out: string; err: string }
function anneal(words: string[], during?: (kill: (signal: NodeJS.Signals) => void, err: string) => void): Promise<Result> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/main/cli.ts'), ...words], { env: { ...process.env, ANNEAL_HOME: at('home'), ANNEAL_RESOURCES: at('none') }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '';
  child.stdout.on('data', (d: Buffer) => { out += d.toString(); });
  child.stderr.on('data', (d: Buffer) => { err += d.toString(); during?.((s) => child.kill(s), err); });
  return new Promise((resolve) => { child.on('close', (status) => { resolve({ status, out, err }); }); });
}
const events = (file: string): { type: string; step?: number; values?: Record<string, number>; path?: string; code?: string; status?: string }[] => readFileSync(file, 'utf8').trim().split('\n').map((l) => JSON.parse(l) as { type: string });

test('train: events, id, checkpoint, status 0', { timeout: 60_000 }, async () => {
  const r = await anneal(['train', at('r.yaml'), '--events', at('e.jsonl')]);
  expect(r.err).toMatch(/first: 6 steps in/);
  expect(r.status).toBe(0);
  const [id, checkpoint] = r.out.trim().split('\n').map((l) => l.split(' ').at(-1) ?? '');
  expect(id).toMatch(/^run_/);
  expect(existsSync(join(checkpoint ?? '', 'adapter_model.safetensors'))).toBe(true);
  const lines = events(at('e.jsonl'));
  expect(lines[0]).toMatchObject({ type: 'start', step: 0, total_steps: 6 });
  expect(lines.filter((l) => l.type === 'metric' && l.values?.['loss'] !== undefined).map((l) => l.step)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(lines.find((l) => l.type === 'metric')?.values).toMatchObject({ loss: expect.any(Number) as number, grad_norm: expect.any(Number) as number, learning_rate: expect.any(Number) as number });
  expect(lines.filter((l) => l.type === 'checkpoint').map((l) => l.step)).toEqual([3, 6]);
  expect(lines.some((l) => l.type === 'sample')).toBe(true);
  expect(lines.at(-1)).toMatchObject({ type: 'done', status: 'completed', step: 6, checkpoint });
  expect([...new Set(lines.map((l) => l.type))].toSorted()).toEqual(['checkpoint', 'done', 'metric', 'sample', 'start']);
});

test('lists and generation from what was trained', { timeout: 60_000 }, async () => {
  const models = JSON.parse((await anneal(['model', 'list', '--json'])).out) as { name: string; path: string }[];
  expect(models).toMatchObject([{ name: 'tiny', path: at('tiny') }]);
  expect((await anneal(['data', 'list'])).out).toMatch(/rows +messages +32/);
  expect(JSON.parse((await anneal(['runs', '--json'])).out)).toMatchObject([{ name: 'first', status: 'completed', step: 6 }]);
  const ask = ['generate', '--model', 'tiny', '--checkpoint', 'first@6', '--prompt', 'Say 3', '--max-tokens', '5', '--temperature', '0.8', '--seed', '7', '--json'];
  const [one, two, base] = [JSON.parse((await anneal(ask)).out), JSON.parse((await anneal(ask)).out), JSON.parse((await anneal(['generate', '--model', at('tiny'), '--prompt', 'Say 3', '--max-tokens', '5', '--json'])).out)] as { text: string; weight_hash: string; checkpoint: string | null; tokens: number }[];
  expect(one).toMatchObject({ checkpoint: 'first@6', tokens: 5 });
  expect(two?.text).toBe(one?.text);
  expect(base).toMatchObject({ checkpoint: null });
  expect(base?.weight_hash).not.toBe(one?.weight_hash);
});

test('Ctrl-C finishes the step, saves, says how to go on; resume goes on', { timeout: 90_000 }, async () => {
  let sent = false;
  const r = await anneal(['train', at('r.yaml'), '--set', 'name=long', '--set', 'train.max_steps=1500', '--set', 'train.save_steps=0', '--set', 'samples.prompts=[]', '--events', at('long.jsonl')], (kill, err) => { if (!sent && err.includes('step ')) { sent = true; kill('SIGINT'); } });
  expect(r.status).toBe(130);
  expect(r.err).toMatch(/Paused at step \d+, saved at step \d+\. Continue with: .*resume run_\w+/);
  const stopped = events(at('long.jsonl')).at(-1);
  expect(stopped).toMatchObject({ type: 'done', status: 'paused' });
  const again = await anneal(['resume', 'long', '--quiet', '--json', '--events', at('long.jsonl')]);
  expect(again.status).toBe(0);
  expect(JSON.parse(again.out)).toMatchObject({ status: 'completed', step: 1500, error: null });
  const steps = events(at('long.jsonl')).flatMap((l) => (l.type === 'metric' && l.values?.['loss'] !== undefined ? [l.step] : []));
  expect(steps).toEqual(Array.from({ length: 1500 }, (_, k) => k + 1));
  expect(await anneal(['resume', 'long'])).toMatchObject({ status: 1, out: '', err: 'error run-state: The run is completed and cannot be resumed now.\n' });
});

test.each([
  ['unknown key', ['--set', 'train.lerning_rate=1'], 'recipe-key-unknown', 'Did you mean train.learning_rate?'],
  ['wrong type', ['--set', 'train.learning_rate=fast'], 'recipe-value', 'train.learning_rate must be a number, not the text "fast".'],
  ['no such model', ['--set', 'model=tinny'], 'not-found', 'Did you mean tiny?'],
  ['no such data', ['--set', 'data.train=nothing.jsonl'], 'not-found', 'There is no dataset "nothing.jsonl"'],
  ['no such device', ['--set', 'device=gpu'], 'recipe-value', 'device is the text "gpu"; it can be auto, cpu, webgpu, cuda'],
  ['a device that is not here', ['--set', 'device=dml'], 'unavailable', 'device: dml cannot be used here.'],
  ['float16 without a card', ['--set', 'device=cpu', '--set', 'precision=fp16'], 'recipe-value', 'precision: fp16 needs a graphics card with float16'],
])('%s: one sentence, an error event, status 1', async (_what, words, code, message) => {
  rmSync(at('bad.jsonl'), { force: true });
  const r = await anneal(['train', at('r.yaml'), ...words, '--events', at('bad.jsonl')]);
  expect(r).toMatchObject({ status: 1, out: '' });
  expect(r.err).toContain(`error ${code}: `);
  expect(r.err).toContain(message);
  expect(r.err.trim().split('\n')).toHaveLength(1);
  expect(events(at('bad.jsonl'))).toMatchObject([{ type: 'error', code }]);
});

test('data export: rows go out in a format, by the ending of the file; nothing is overwritten', { timeout: 60_000 }, async () => {
  const out = at('out.csv'), done = await anneal(['data', 'export', 'rows', '--out', out, '--format', 'alpaca', '--json']);
  expect(JSON.parse(done.out)).toEqual({ path: out, rows: 32, bytes: readFileSync(out).length });
  expect(readFileSync(out, 'utf8').split('\n').slice(0, 2)).toEqual([expect.stringContaining('instruction'), expect.stringContaining('Say 0')]);
  expect((await anneal(['data', 'export', 'rows', '--out', out])).err).toContain('exists already');
  expect((await anneal(['data', 'export', 'rows', '--out', at('out.txt')])).err).toContain('must end in .jsonl or .csv');
  expect((await anneal(['data', 'export', 'rosw', '--out', at('new.jsonl')])).err).toContain('Did you mean rows?');
  expect(existsSync(at('new.jsonl'))).toBe(false);
});

test('generate: a raw prompt that a chat model answers with nothing gets a hint, on the error stream only', { timeout: 60_000 }, async () => {
  const silent = ['generate', '--model', 'tiny', '--prompt', 'Say 3', '--regex', ' ', '--max-tokens', '2'], raw = await anneal(silent), asked = await anneal([...silent, '--chat']);
  expect([raw.status, raw.err.includes('--chat asks it in a conversation'), raw.out.trim()]).toEqual([0, true, '']);
  expect([asked.status, asked.err.includes('--chat')]).toEqual([0, false]);
});

test('data import: broken lines are named, columns can be mapped', async () => {
  writeFileSync(at('broken.jsonl'), `${dialogue(3)}\n{"messages": [}\n`);
  expect(await anneal(['data', 'import', at('broken.jsonl')])).toMatchObject({ status: 1, err: expect.stringMatching(/^error dataset-syntax: .*line 4/) as string });
  expect((await anneal(['data', 'import', at('broken.jsonl'), '--skip-bad-rows', '--name', 'some'])).out).toMatch(/some: 3 rows \(messages\), 1 left out/);
  writeFileSync(at('qa.csv'), 'frage,antwort\na,b\n');
  expect((await anneal(['data', 'import', at('qa.csv')])).err).toMatch(/^error dataset-columns: /);
  expect((await anneal(['data', 'import', at('qa.csv'), '--format', 'prompt-completion', '--columns', 'prompt=frage,completion=antwort'])).status).toBe(0);
  writeFileSync(at('empty.jsonl'), '');
  expect((await anneal(['data', 'import', at('empty.jsonl')])).err).toMatch(/^error dataset-empty: /);
});

test('doctor, and a data folder that is in use', async () => {
  const report = JSON.parse((await anneal(['doctor', '--json'])).out) as { ok: boolean; checks: { name: string; ok: boolean }[]; info: { onnxruntime: string } };
  expect(report.checks.filter((c) => !c.ok).map((c) => c.name)).toEqual(['demo model']); // this test takes the resources away
  expect(report.info.onnxruntime).toMatch(/^\d/);
  const store = openStore(at('home'));
  try {
    expect(await anneal(['runs'])).toMatchObject({ status: 1, out: '', err: `error store-locked: Another Anneal (process ${process.pid}) uses this data folder: close it, or pick another folder with --home.\n` });
  } finally { store.close(); }
});
