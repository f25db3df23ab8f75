/** Preference methods through the front door with the real engine and a random model: runs with their metrics, a named reference, and everything that is refused before a start. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Review } from '../../src/shared/schema/review.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { command, withStore } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import { writeRealModel } from '../support/real-model.ts';

let root: string;
const at = (name: string): string => join(root, name);
const home = (): string => at('home');
const turn = (role: string, content: string): object => ({ role, content });
const lines = (name: string, rows: readonly object[]): void => { writeFileSync(at(name), rows.map((r) => JSON.stringify(r)).join('\n')); };
const many = (n: number, row: (i: number) => object): object[] => Array.from({ length: n }, (_, i) => row(i));
const recipe = (method: string, train: object, more: object = {}): string => {
  writeFileSync(at('r.yaml'), JSON.stringify({ method, model: 'tiny', adapter: { r: 4 }, train: { max_steps: 3, per_device_train_batch_size: 4, max_length: 64, eval_steps: 0, ...train }, ...more }));
  return at('r.yaml');
};
/** Values of the last metrics of the newest run. */
const last = (): Record<string, number> => withStore(home(), (store) => store.runs.list().at(-1)!.last);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-preference-'));
  vi.stubEnv('ANNEAL_RESOURCES', at('none'));
  mkdirSync(at('given'));
  writeRealModel(at('given/tiny'));
  lines('pairs.jsonl', many(12, (i) => ({ prompt: [turn('user', `Ask ${i}`)], chosen: [turn('assistant', `Of course, here is ${i}.`)], rejected: [turn('assistant', `No ${i}.`)], margin: i / 10 })));
  lines('held.jsonl', many(4, (i) => ({ prompt: [turn('user', `Ask ${i + 10}`)], chosen: [turn('assistant', `Yes ${i}.`)], rejected: [turn('assistant', `No way ${i}.`)] })));
  lines('labels.jsonl', many(12, (i) => ({ prompt: `Ask ${i}`, completion: ` it is ${i}`, label: i % 2 })));
  expect((await command(home(), 'model', 'import', at('given/tiny'))).err).toBe('');
});
afterAll(() => { vi.unstubAllEnvs(); rmSync(root, { recursive: true, force: true }); });

describe('runs', () => {
  test.each([
    ['dpo', 'pairs.jsonl', ['rewards/chosen', 'rewards/rejected', 'rewards/accuracies', 'rewards/margins', 'logps/chosen']],
    ['dpo', 'pairs.jsonl', ['rewards/margins'], { loss_type: ['sigmoid', 'bco_pair', 'sft'], loss_weights: [0.8, 0.2, 1] }],
    ['kto', 'labels.jsonl', ['rewards/chosen', 'rewards/margins', 'kl']],
    ['kto', 'pairs.jsonl', ['rewards/chosen', 'rewards/rejected', 'kl']],
    ['bco', 'labels.jsonl', ['rewards/chosen', 'delta']],
    ['reward', 'pairs.jsonl', ['accuracy', 'margin', 'mean_reward']],
    ['orpo', 'pairs.jsonl', ['rewards/accuracies', 'nll_loss', 'log_odds_ratio']],
    ['cpo', 'pairs.jsonl', ['rewards/accuracies', 'nll_loss']],
  ])('%s on %s', async (method, train, metrics, more: object = {}) => {
    const r = await command(home(), 'train', recipe(method, more, { data: { train: at(train), ...(train === 'pairs.jsonl' ? { eval: at('held.jsonl') } : {}) } }), '--set', 'train.max_steps=3', '--quiet');
    expect(r).toMatchObject({ status: 0 });
    for (const name of metrics) expect(last()[name], name).toBeTypeOf('number');
    if (train === 'pairs.jsonl') expect(last()['eval_loss']).toBeTypeOf('number');
    if (method === 'dpo' && !('loss_type' in more)) expect(last()['loss']).toBeGreaterThan(0.5);
  });

  test('the reference may be a model or a checkpoint by name, and the policy may start from a checkpoint', async () => {
    const first = await command(home(), 'train', recipe('dpo', { max_steps: 2, learning_rate: 0.01 }, { name: 'first', data: { train: at('pairs.jsonl') } }), '--quiet');
    expect(first).toMatchObject({ status: 0 });
    for (const [ref, checkpoint] of [['tiny', 'first@2'], ['first@2', undefined]] as const) {
      const r = await command(home(), 'train', recipe('dpo', { max_steps: 1, ref_model: ref }, { data: { train: at('pairs.jsonl') }, ...(checkpoint === undefined ? {} : { checkpoint }) }), '--quiet');
      expect(r).toMatchObject({ status: 0 });
      // Policy and reference are not the same, so the first margin is not zero and the first loss not ln 2.
      expect(Math.abs(last()['rewards/margins']!)).toBeGreaterThan(1e-6);
    }
    const same = await command(home(), 'train', recipe('dpo', { max_steps: 1 }, { checkpoint: 'first@2', data: { train: at('pairs.jsonl') } }), '--quiet');
    expect(same).toMatchObject({ status: 0 });
    expect(last()['loss']).toBeCloseTo(Math.LN2, 5);
    expect(last()['rewards/margins']).toBeCloseTo(0, 5);
  });
});

test('the scores of the reference are kept for the next run on the same rows, and a damaged file is not used', async () => {
  const run = async (beta: number, seed = 5): Promise<{ values: Record<string, number>; kept: boolean }> => {
    const r = await command(home(), 'train', recipe('dpo', { beta, seed, max_steps: 3 }, { data: { train: at('pairs.jsonl') } }), '--quiet');
    expect(r).toMatchObject({ status: 0 });
    return withStore(home(), (store) => {
      const { id, last: values } = store.runs.list().at(-1)!;
      return { values, kept: store.logs.list(id, 0, 1000).some((l) => l.text.includes('were kept from an earlier run, 0 rows were scored')) };
    });
  };
  const folder = join(home(), 'cache/reference');
  rmSync(folder, { recursive: true, force: true });
  const fresh = await run(0.1), [made] = readdirSync(folder);
  expect(made).toMatch(/^[0-9a-f]{32}$/);
  const again = await run(0.1), other = await run(0.3), ordered = await run(0.1, 6);
  expect([fresh.kept, again.kept, other.kept]).toEqual([false, true, true]);
  expect(ordered.values['loss']).not.toBe(fresh.values['loss']);
  for (const name of ['loss', 'rewards/margins', 'logps/chosen', 'grad_norm']) expect(again.values[name], name).toBe(fresh.values[name]);
  const bytes = readFileSync(join(folder, made!));
  bytes[40]! ^= 1;
  writeFileSync(join(folder, made!), bytes);
  const healed = await run(0.1);
  expect(healed.kept).toBe(false);
  expect(healed.values['rewards/margins']).toBe(fresh.values['rewards/margins']);
});

describe('refused before a run', () => {
  const refuse = async (method: string, train: object, more: object, message: RegExp): Promise<void> => {
    const r = await command(home(), 'train', recipe(method, train, more), '--quiet');
    expect(r.status).toBe(1);
    expect(r.err).toMatch(message);
  };
  test('identical pairs, empty answers, missing prompts, one class', async () => {
    lines('same.jsonl', many(4, () => ({ prompt: 'a', chosen: 'b', rejected: 'b' })));
    await refuse('dpo', {}, { data: { train: at('same.jsonl') } }, /no-trainable-tokens: In every one of the 4 rows chosen and rejected are the same answer/);
    lines('empty.jsonl', many(4, () => ({ prompt: 'a', chosen: ' ', rejected: 'b' })));
    await refuse('dpo', {}, { data: { train: at('empty.jsonl') } }, /None of the 4 rows can be used\. The first says: The chosen answer is empty/);
    lines('bare.jsonl', many(4, () => ({ chosen: 'yes', rejected: 'no' })));
    await refuse('dpo', {}, { data: { train: at('bare.jsonl') } }, /The row has no prompt/);
    lines('one.jsonl', many(4, () => ({ prompt: 'a', completion: 'b', label: true })));
    await refuse('kto', {}, { data: { train: at('one.jsonl') } }, /All 4 answers are labelled true; this method learns from the difference/);
  });
  test('margins that are text, named by line', async () => {
    lines('margin.jsonl', [{ prompt: 'a', chosen: 'b', rejected: 'c', margin: 1 }, { prompt: 'a', chosen: 'b', rejected: 'c', margin: 'much' }]);
    await refuse('reward', {}, { data: { train: at('margin.jsonl') } }, /row-invalid: "margin\.jsonl", line 2: Field "margin" must be a number, but is the text "much"\./);
  });
  test('a reference of another vocabulary', async () => {
    const folder = writeRealModel(at('given/other'));
    const file = join(folder, 'tokenizer.json'), json = JSON.parse(readFileSync(file, 'utf8')) as { model: { vocab: Record<string, number> } };
    const { vocab } = json.model;
    [vocab['e'], vocab['t']] = [vocab['t']!, vocab['e']!];
    writeFileSync(file, JSON.stringify(json));
    expect((await command(home(), 'model', 'import', folder)).err).toBe('');
    await refuse('dpo', { ref_model: 'other' }, { data: { train: at('pairs.jsonl') } }, /the reference has another vocabulary/);
  });
  test('data of another kind', async () => {
    await refuse('dpo', {}, { data: { train: at('labels.jsonl') } }, /recipe-value: data\.train: "labels" holds labelled answers \(prompt, completion, label\), but dpo needs pairs \(prompt, chosen, rejected\)/);
    await refuse('sft', {}, { data: { train: at('pairs.jsonl') } }, /but sft needs conversations or prompts with completions or plain text/);
  });
  test.each([
    ['dpo', { loss_type: 'exo_pair' }, /exo_pair needs it to be greater than 0/], ['dpo', { label_smoothing: 0.1 }, /use loss_type: cdpo/], ['dpo', { loss_type: ['sigmoid', 'sft'], loss_weights: [1] }, /has 1 entry for 2 losses/],
    ['dpo', { loss_type: 'aot', per_device_train_batch_size: 1 }, /must be at least 2/], ['dpo', { sync_ref_model: true }, /adapter: none only/], ['kto', { per_device_train_batch_size: 1 }, /must be at least 2/],
    ['dpo', { loss_type: 'nca_pair', f_divergence_type: 'js_divergence' }, /is not defined for the loss nca_pair/], ['dpo', { ref_model: 'nowhere' }, /not-found: There is no model "nowhere"/],
  ])('%s %j', async (method, train, message) => { await refuse(method, train, { data: { train: at(method === 'kto' ? 'labels.jsonl' : 'pairs.jsonl') } }, message); });
});

test('the review shows both sides, the gates and the cost of the reference', async () => {
  lines('biased.jsonl', many(40, (i) => ({ prompt: `Ask ${i}`, chosen: i === 0 ? 'same' : ` a long answer that goes on about ${i}`, rejected: i === 0 ? 'same' : ` no ${i}` })));
  lines('asked.jsonl', [{ prompt: 'Ask 3', chosen: ' other', rejected: ' x' }]);
  const host = await testHost({ spawner: nodeSpawner() }, at('review'));
  try {
    await host.api.models.import({ path: at('given/tiny') });
    const review = async (method: string, data: object, train: object = {}): Promise<Review> => {
      let found: Review | null = null;
      for await (const item of host.api.recipes.review({ recipe: { method, model: 'tiny', adapter: { r: 4 }, data, train: { max_length: 64, per_device_train_batch_size: 4, ...train } } })) found = item.review ?? found;
      return found!;
    };
    const dpo = await review('dpo', { train: at('biased.jsonl'), eval: at('asked.jsonl') });
    expect(dpo.issues.map((i) => [i.level, i.code])).toEqual([['warn', 'identical-pair'], ['warn', 'length-bias'], ['warn', 'prompt-overlap']]);
    expect(dpo.stats.preference).toMatchObject({ pairs: 40, identical: 1, chosen_longer: 1 });
    expect(dpo.first.answers?.map((a) => a.role)).toEqual(['chosen', 'rejected']);
    expect(dpo.first.tokens.map((t) => t.text).join('')).toBe('Ask 1');
    expect(dpo.first.answers?.[1]?.tokens.at(-1)?.kind).toBe('stop');
    expect(dpo.run.reference).toMatchObject({ how: 'adapter-off', precomputed: true, passes: 1 });
    expect(dpo.run.reference!.gflop).toBeGreaterThan(0);
    const kto = await review('kto', { train: at('labels.jsonl') }, { desirable_weight: 3 });
    expect(kto.issues.map((i) => i.code)).toContain('label-balance');
    expect(kto.stats.preference).toMatchObject({ desirable: 6, undesirable: 6 });
    expect(kto.first.label).toBe(false);
    const reward = await review('reward', { train: at('pairs.jsonl') });
    expect(reward.first.answers?.map((a) => a.trained)).toEqual([1, 1]);
    expect(reward.run.reference).toBeUndefined();
  } finally { await host.close(); }
});
