/** `anneal score --judge`: a language model as a reward model. Its scores are compared with next-token probabilities of the generator's own graph; a checkpoint is asked with its adapter, and pairs give a report card; what cannot be asked is refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { judgeQuestion, type RewardReport, type ScoredRow } from '../../src/shared/schema/reward.ts';
import { needTemplate } from '../../src/main/data/templates/builtin.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import { prefillGraph } from '../../src/main/engine/generate/decode-graph.ts';
import { LiveWeights } from '../../src/main/engine/generate/live-weights.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { command } from '../support/command.ts';
import { writeRealModel } from '../support/real-model.ts';

let root: string;
const at = (name: string): string => join(root, name), home = (): string => at('home');
const turn = (role: string, content: string): object => ({ role, content });
const pair = (i: number): object => ({ prompt: [turn('user', `Bring ${i}`)], chosen: [turn('assistant', `Certainly, ${i}.`)], rejected: [turn('assistant', `No ${i}.`)] });

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-score-'));
  vi.stubEnv('ANNEAL_RESOURCES', at('none'));
  mkdirSync(at('given'));
  writeRealModel(at('given/tiny'), 32);
  writeFileSync(at('pairs.jsonl'), Array.from({ length: 60 }, (_, i) => JSON.stringify(pair(i))).join('\n'));
  expect((await command(home(), 'model', 'import', at('given/tiny'))).err).toBe('');
});
afterAll(() => { vi.unstubAllEnvs(); rmSync(root, { recursive: true, force: true }); });

async function scored(...words: string[]): Promise<{ rows: ScoredRow[]; report: RewardReport | undefined }> {
  const r = await command(home(), 'score', '--data', at('pairs.jsonl'), '--judge', '--json', ...words);
  expect(r).toMatchObject({ status: 0 });
  const lines = r.out.trimEnd().split('\n').map((line) => JSON.parse(line) as ScoredRow | { report: RewardReport });
  return { rows: lines.filter((l) => 'answers' in l), report: lines.flatMap((l) => ('report' in l ? [l.report] : []))[0] };
}

/** ln P(word | prompt), token by token, by the graph that writes answers. */
async function logp(prompt: readonly number[], word: readonly number[]): Promise<number> {
  const { model, weights } = loadModel({ modelFolder: at('given/tiny'), start: null, adapter: null }), source = { model, weights };
  const live = new LiveWeights(source, 1), feeds = await live.feeds();
  let sum = 0;
  for (let i = 0; i < word.length; i++) {
    const ids = [...prompt, ...word.slice(0, i)], program = await compile(prefillGraph(source, 1, ids.length), { threads: 1 });
    const out = await program.run({ ...feeds, ids: Int32Array.from(ids), positions: Int32Array.from(ids, (_, p) => p), last: Int32Array.of(ids.length - 1) }, ['logits']);
    const logits = Array.from(out['logits']!.data as Float32Array), top = Math.max(...logits);
    sum += logits[word[i]!]! - top - Math.log(logits.reduce((n, x) => n + Math.exp(x - top), 0));
    await program.dispose();
  }
  await live.dispose();
  return sum;
}

test('the score is the log odds of the two words after the question', async () => {
  const question = judgeQuestion.parse({}).question, tokenizer = await Tokenizer.load(at('given/tiny'));
  const { rows } = await scored('--model', 'tiny', '--rows', '2', '--no', 'Certainly not');
  expect(rows.map((r) => r.answers.length)).toEqual([2, 2]);
  const words = ['Yes', 'Certainly not'].map((w) => tokenizer.encode(w, { addSpecial: false }));
  expect(words[1]!.length, 'a word of several tokens').toBeGreaterThan(1);
  for (const [answer, i] of [['Certainly, 1.', 0], ['No 1.', 1]] as const) {
    const asked = question.replace('{prompt}', 'Bring 1').replace('{answer}', answer);
    const ids = tokenizer.encode(needTemplate(tokenizer).render([{ role: 'user', content: asked }], { addGenerationPrompt: true }), { addSpecial: false });
    expect(rows[1]!.answers[i]).toMatchObject({ text: answer, tokens: ids.length });
    expect(rows[1]!.answers[i]!.score).toBeCloseTo(await logp(ids, words[0]!) - await logp(ids, words[1]!), 4);
  }
});

test('a checkpoint is asked with its adapter, also on a 4-bit base; pairs give a report card', async () => {
  const question = 'Is it polite? {answer}';
  writeFileSync(at('judge.jsonl'), Array.from({ length: 40 }, (_, i) => JSON.stringify({ messages: [turn('user', question.replace('{answer}', i % 2 === 0 ? `Certainly, ${i}.` : `No ${i}.`)), turn('assistant', i % 2 === 0 ? 'Yes' : 'No')] })).join('\n'));
  writeFileSync(at('r.yaml'), JSON.stringify({ name: 'judge', method: 'sft', model: 'tiny', adapter: { r: 4, load_in_4bit: true }, data: { train: at('judge.jsonl') }, train: { max_steps: 10, learning_rate: 0.005, per_device_train_batch_size: 8, max_length: 128, eval_steps: 0 } }));
  expect(await command(home(), 'train', at('r.yaml'), '--quiet')).toMatchObject({ status: 0 });
  const before = await scored('--model', 'tiny', '--question', question), after = await scored('--model', 'judge', '--question', question);
  expect(after.report).toMatchObject({ pairs: 60, left_out: 0 });
  after.rows.forEach((row, i) => { expect(Math.abs(row.answers[0]!.score - before.rows[i]!.answers[0]!.score)).toBeGreaterThan(1e-4); });
});

test.each([
  [['--question', 'Is it good?'], 'must hold {answer}'], [['--yes', 'Fine', '--no', 'Fine'], 'two different words'], [['--yes', 'Certainly', '--no', 'Certainly not'], 'cannot be told apart'],
])('refused: %j', async (words, message) => {
  const r = await command(home(), 'score', '--model', 'tiny', '--data', at('pairs.jsonl'), '--judge', ...words);
  expect(r.status).toBe(2);
  expect(r.err).toContain(message);
});

test('refused: a question without --judge, a language model without it, a reward model with it', async () => {
  const run = async (...words: string[]): Promise<string> => { const r = await command(home(), 'score', '--data', at('pairs.jsonl'), ...words); expect(r.status).toBe(2); return r.err; };
  expect(await run('--model', 'tiny', '--yes', 'Fine')).toContain('--yes goes with --judge only');
  expect(await run('--model', 'tiny')).toContain('without a scalar head');
  writeFileSync(at('r.yaml'), JSON.stringify({ name: 'rm', method: 'reward', model: 'tiny', adapter: { r: 4 }, data: { train: at('pairs.jsonl') }, train: { max_steps: 2, max_length: 64, eval_steps: 0 } }));
  expect(await command(home(), 'train', at('r.yaml'), '--quiet')).toMatchObject({ status: 0 });
  expect(await run('--model', 'rm', '--judge')).toContain('cannot be used as a judge');
});
