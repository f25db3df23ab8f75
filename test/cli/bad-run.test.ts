/** Runs that go wrong, through the front door with the real engine: conversations without a template, rows that are too long, a loss that is not finite. Disk full: test/engine/train-run, test/host/runs. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readSafetensorsHeader } from '../../src/main/engine/io/safetensors-header.ts';
import { readTensorFloats } from '../../src/main/engine/io/tensor-read.ts';
import type { Checkpoint, Run } from '../../src/shared/schema/entities.ts';
import type { Review } from '../../src/shared/schema/review.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { removeRoot, testHost } from '../support/host.ts';
import { command, contentOf, withStore } from '../support/command.ts';
import { writeRealModel } from '../support/real-model.ts';

let root: string;
const at = (name: string): string => join(root, name);
const home = (): string => at('home');
const say = (i: number, words = ''): string => JSON.stringify({ messages: [{ role: 'user', content: `Say ${i}${words}` }, { role: 'assistant', content: `It is ${i}${words}.` }] });
const recipe = (patch: object): string => {
  writeFileSync(at('r.yaml'), JSON.stringify({ method: 'sft', model: 'tiny', data: { train: 'rows.jsonl' }, adapter: 'none', ...patch }));
  return at('r.yaml');
};
const runNamed = (name: string): Run => withStore(home(), (store) => {
  const run = store.runs.list().find((r) => r.name === name);
  if (run === undefined) throw new Error(`there is no run ${name}`);
  return run;
});
const checkpointsOf = (name: string): Checkpoint[] => { const { id } = runNamed(name); return withStore(home(), (store) => store.checkpoints.of(id)); };
const logOf = (name: string): string[] => { const { id } = runNamed(name); return withStore(home(), (store) => store.logs.list(id, 0, 1000).map((l) => `${l.level}: ${l.text}`)); };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-bad-run-'));
  vi.stubEnv('ANNEAL_RESOURCES', at('none'));
  mkdirSync(at('given'));
  writeRealModel(at('given/tiny'));
  writeFileSync(at('rows.jsonl'), Array.from({ length: 32 }, (_, i) => say(i)).join('\n'));
  expect((await command(home(), 'model', 'import', at('given/tiny'))).err).toBe('');
});
afterAll(() => { vi.unstubAllEnvs(); rmSync(root, { recursive: true, force: true }); });

describe('conversations without a chat template', () => {
  beforeAll(async () => {
    cpSync(at('given/tiny'), at('given/plain'), { recursive: true });
    const file = at('given/plain/tokenizer_config.json'), { chat_template: _, ...config } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify(config));
    rmSync(at('given/plain/chat_template.jinja'), { force: true });
    const imported = await command(home(), 'model', 'import', at('given/plain'));
    expect(imported).toMatchObject({ status: 0, err: '' });
    expect(imported.out).toContain('no chat template');
    writeFileSync(at('split.jsonl'), JSON.stringify({ prompt: [{ role: 'user', content: 'a' }], completion: [{ role: 'assistant', content: 'b' }] }));
    writeFileSync(at('text.jsonl'), JSON.stringify({ prompt: 'a', completion: 'b' }));
  });
  const train = { max_steps: 1, per_device_train_batch_size: 2, max_length: 64, eval_steps: 0 };

  test.each([['messages', { train: 'rows.jsonl' }], ['prompt and completion as messages', { train: 'split.jsonl' }], ['held-out conversations', { train: 'text.jsonl', eval: 'rows.jsonl' }]])('%s: refused before a run is made', async (_what, data) => {
    const before = contentOf(home());
    const r = await command(home(), 'train', recipe({ model: 'plain', data, train }), '--quiet');
    expect(r).toMatchObject({ status: 1, out: '' });
    expect(r.err).toMatch(/^error template-missing: The model "plain" has no usable chat template, so the conversations of "\w+" cannot be rendered: set "chat_template: chatml" in the recipe, or train on prompt and completion text\.\n$/);
    expect(contentOf(home())).toEqual(before);
  });
  test('with chat_template: chatml it trains', async () => {
    const r = await command(home(), 'train', recipe({ name: 'chatml', model: 'plain', chat_template: 'chatml', train }), '--quiet');
    expect(r.status).toBe(0);
    expect(runNamed('chatml')).toMatchObject({ status: 'completed', step: 1 });
  });
  test('plain prompt and completion need none', async () => {
    expect((await command(home(), 'train', recipe({ name: 'text', model: 'plain', data: { train: 'text.jsonl' }, train }), '--quiet')).status).toBe(0);
  });
});

const LONG = ` ${'and the mill is by the river '.repeat(20)}`;
function writeLongRows(): void {
  writeFileSync(at('long.jsonl'), [say(1), say(2), JSON.stringify({ messages: [{ role: 'user', content: 'Say it' }, { role: 'assistant', content: LONG }] }), say(3, LONG)].join('\n'));
}

test('the review counts rows that are cut or left out, and stops where nothing is left to train on', async () => {
  writeLongRows();
  const t = await testHost({ spawner: nodeSpawner() });
  try {
    const review = async (train: object, evaluation?: string): Promise<Review | null> => {
      let last: Review | null = null;
      for await (const item of t.api.recipes.review({ recipe: { method: 'sft', model: at('given/tiny'), data: { train: at('long.jsonl'), ...(evaluation === undefined ? {} : { eval: evaluation }) }, train } })) last = item.review;
      return last;
    };
    const cut = await review({ max_length: 32 });
    expect(cut?.stats).toMatchObject({ rows: 4, truncated: 2, zero_trained: 1 });
    expect(cut?.issues.map((i) => [i.level, i.code])).toEqual(expect.arrayContaining([['warn', 'truncated'], ['warn', 'zero-trained']]));
    expect(cut?.issues.filter((i) => i.level === 'stop')).toEqual([]);
    const nothing = await review({ max_length: 4 }, at('rows.jsonl'));
    expect(nothing?.issues.filter((i) => i.level === 'stop').map((i) => [i.code, i.path])).toEqual([['no-trainable-tokens', 'data.train'], ['no-trainable-tokens', 'data.eval']]);
    expect(nothing?.run).toMatchObject({ rows: 0, total_steps: 0 });
    expect(nothing?.first).toMatchObject({ index: 0, trained: 0 });
  } finally { await t.close(); removeRoot(t); }
});

test('rows longer than max_length are cut, and rows with nothing left to train on are left out; both are counted, neither is an error', async () => {
  writeLongRows();
  const r = await command(home(), 'train', recipe({ name: 'long', data: { train: 'long.jsonl' }, train: { max_steps: 2, per_device_train_batch_size: 2, max_length: 32, eval_steps: 0 } }));
  expect(r.status).toBe(0);
  expect(r.err).toContain('1 of 3 rows are longer than max_length 32 and are cut.');
  expect(logOf('long').filter((l) => l.startsWith('warn'))).toEqual(['warn: 1 of 4 rows have no token to train on and are left out.', 'warn: 1 of 3 rows are longer than max_length 32 and are cut.']);
  expect(runNamed('long')).toMatchObject({ status: 'completed', error: null });
});

describe('a learning rate that blows up', () => {
  const explode = { learning_rate: 10, weight_decay: 10, max_grad_norm: 0, adam_epsilon: 1e-30, lr_scheduler_type: 'constant', max_steps: 30, per_device_train_batch_size: 4, max_length: 64, eval_steps: 0 };

  // At every step: then the checkpoint of the step that led to it is on the disk already and must not be what the run continues from.
  test.each([[5], [1]])('save_steps %i: stops, goes back to the last good step, names the rows, keeps finite weights', async (save_steps) => {
    const name = `explode ${save_steps}`;
    const r = await command(home(), 'train', recipe({ name, train: { ...explode, save_steps } }), '--quiet', '--events', at(`${name}.jsonl`));
    expect(r.status).toBe(1);
    const said = /^error loss-not-finite: The (loss|gradient) of step (\d+) is not a finite number \(rows (\d+(?:, \d+)*)\); the run stopped and went back to step (\d+): lower the learning rate or look at these rows\.\n$/.exec(r.err);
    expect(r.err).toMatch(/^error loss-not-finite: /);
    const [step, back] = [Number(said?.[2]), Number(said?.[4])], rows = (said?.[3] ?? '').split(', ');
    expect(step).toBeGreaterThan(2);
    expect(back).toBe(step - 2); // the state before the update that made the next step fail
    expect(rows).toHaveLength(4);

    const run = runNamed(name), checkpoints = checkpointsOf(name);
    expect(run).toMatchObject({ status: 'failed', step: back, durable_step: back, error: { code: 'loss-not-finite', params: { step, back_to: back, rows: rows.join(', ') } } });
    expect(checkpoints.at(-1)).toMatchObject({ step: back });
    expect(new Set(checkpoints.map((c) => c.step)).size).toBe(checkpoints.length);
    for (const c of checkpoints) expect(existsSync(c.path)).toBe(true);
    expect(r.out).toBe(`run ${run.id}\ncheckpoint ${checkpoints.at(-1)?.path ?? ''}\n`);
    for (const entry of readSafetensorsHeader(join(checkpoints.at(-1)?.path ?? '', 'model.safetensors')).tensors.values()) expect(readTensorFloats(entry).every(Number.isFinite), entry.name).toBe(true);
    expect(logOf(name).filter((l) => l.startsWith('error'))).toEqual([`error: ${run.error?.message ?? ''}`]);
    const last = readFileSync(at(`${name}.jsonl`), 'utf8').trim().split('\n').map((l) => JSON.parse(l) as object);
    expect(last.at(-1)).toEqual({ type: 'error', code: 'loss-not-finite', message: run.error?.message, run: run.id, step: back });
    expect(last.filter((l) => 'type' in l && l.type === 'error')).toHaveLength(1);

    // Resuming takes it up at the good step, and comes to the same end.
    expect(await command(home(), 'resume', name, '--quiet')).toEqual(r);
    expect(withStore(home(), (store) => store.runs.attempts(run.id).at(-1))).toMatchObject({ attempt: 2, from_step: back });
  });

  test('at the first step nothing was good yet: the weights stay as they were', async () => {
    const broken = at('given/broken');
    cpSync(at('given/tiny'), broken, { recursive: true });
    const file = join(broken, 'model.safetensors'), bytes = readFileSync(file), norm = readSafetensorsHeader(file).tensors.get('model.norm.weight');
    bytes.writeFloatLE(Infinity, norm?.offset ?? 0);
    writeFileSync(file, bytes);
    const r = await command(home(), 'train', recipe({ name: 'first', model: 'given/broken', train: { ...explode, per_device_train_batch_size: 32 } }), '--quiet');
    // Rows are counted from 1, as the window shows them.
    expect(r.err).toMatch(/^error loss-not-finite: The loss of step 1 is not a finite number \(rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 and 16 more\); nothing was trained before it: look at these rows and at the weights of the model\.\n$/);
    expect(runNamed('first')).toMatchObject({ status: 'failed', step: 0, durable_step: 0 });
    expect(checkpointsOf('first')).toEqual([]);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });
});

test('a model that was cut short after its import: the run fails with a sentence, data and model stay', async () => {
  cpSync(at('given/tiny'), at('given/later'), { recursive: true });
  expect((await command(home(), 'model', 'import', at('given/later'))).status).toBe(0);
  truncateSync(at('given/later/model.safetensors'), 50_000);
  const r = await command(home(), 'train', recipe({ name: 'cut', model: 'later', train: { max_steps: 1 } }), '--quiet');
  expect(r.err).toMatch(/^error safetensors-invalid: model\.safetensors [^\n]*truncated[^\n]*\.\n$/);
  expect(r.status).toBe(1);
  expect(runNamed('cut')).toMatchObject({ status: 'failed', step: 0, error: { code: 'safetensors-invalid' } });
});
