/**
 * Reward models beside transformers and peft: trains an adapter and a whole model for a few steps on made-up pairs over the embedded model, writes what we score, lets rewards_peft.py score the same ids with
 * AutoModelForSequenceClassification (alone, and in padded batches), and prints the largest difference. Also the other way round: a reward model that transformers wrote.
 *   node bench/peer/rewards.ts <python> [folder]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS } from '../../src/shared/methods/index.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { Random } from '../../src/main/eval/statistics/random.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { RewardScorer } from '../../src/main/engine/train/score.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';

const [python = 'python3', given] = process.argv.slice(2);
const folder = given ?? mkdtempSync(join(tmpdir(), 'peer-rewards-'));
mkdirSync(folder, { recursive: true });
const source = join(import.meta.dirname, '../../resources/demo/model'), base = join(folder, 'base');
// float32 and float16 read alike on both sides; the folder is copied so that nothing is written beside the embedded model.
cpSync(source, base, { recursive: true });
const { config } = openModelFolder(base), vocabulary = Number(config['vocab_size']), end = Number([config['eos_token_id']].flat()[0]);
const random = new Random(3), below = (n: number): number => random.bits() % n;
const answer = (prompt: number[], n: number): { ids: number[]; prompt: number } => ({ ids: [...prompt, ...Array.from({ length: n }, () => 10 + below(vocabulary - 10)), end], prompt: prompt.length });
const rows: ExampleRow[] = Array.from({ length: 16 }, (_, source_) => { const prompt = Array.from({ length: 3 + below(6) }, () => 10 + below(vocabulary - 10)); return { completions: [answer(prompt, 2 + below(20)), answer(prompt, 2 + below(20))], columns: { margin: 0 }, truncated: false, source: source_ }; });

const adapter = loraAdapter.parse({ r: 8, lora_alpha: 16 });
const train = METHODS.reward.train.parse({ learning_rate: 1e-3, max_steps: 4, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0 });
const cases: { name: string; kind: 'adapter' | 'full'; folder: string; base: string; scores: number[][] }[] = [];
const score = async (options: Pick<ConstructorParameters<typeof RewardScorer>[0], 'modelFolder' | 'start' | 'adapter'>): Promise<number[][]> => {
  const scorer = new RewardScorer({ ...options, batch: 4, threads: 2 });
  try { return await scorer.score(rows); } finally { await scorer.dispose(); }
};
for (const kind of ['adapter', 'full'] as const) {
  const done = await trainRun({ method: 'reward', config: train, adapter: kind === 'adapter' ? adapter : null, modelFolder: base, start: null, rows, evalRows: [], runFolder: join(folder, kind), resume: null, threads: 2, recipeHash: 'peer' }, () => { /* only the checkpoint */ });
  const checkpoint = done.checkpoint ?? '';
  cases.push({ name: `written here, ${kind}`, kind, folder: checkpoint, base, scores: await score({ modelFolder: base, start: { folder: checkpoint, kind }, adapter: kind === 'adapter' ? adapter : null }) });
}
writeFileSync(join(folder, 'cases.json'), JSON.stringify({ rows: rows.map((r) => r.completions.map((c) => c.ids)), cases, made: join(folder, 'made') }));
const peer = spawnSync(python, [join(import.meta.dirname, 'rewards_peft.py'), folder], { stdio: ['ignore', 'inherit', 'inherit'] });
if (peer.status !== 0) throw new Error('rewards_peft.py failed');
const answers = JSON.parse(readFileSync(join(folder, 'peft.json'), 'utf8')) as { versions: Record<string, string>; cases: { name: string; alone: number[][]; batched: number[][] | null }[]; made: number[][] };
const far = (a: readonly number[][], b: readonly number[][]): number => Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - (b[i]?.[j] ?? Number.NaN)))));
const size = (a: readonly number[][]): number => Math.max(...a.flat().map(Math.abs));
for (const mine of cases) {
  const theirs = answers.cases.find((c) => c.name === mine.name)!;
  console.log(JSON.stringify({ what: mine.name, pairs: rows.length, max_abs_score: size(mine.scores), max_diff_alone: far(mine.scores, theirs.alone), max_diff_padded_batches: theirs.batched === null ? null : far(mine.scores, theirs.batched), ...answers.versions }));
}
const read = await score({ modelFolder: join(folder, 'made'), start: null, adapter: null });
console.log(JSON.stringify({ what: 'written by transformers, read here', pairs: rows.length, max_abs_score: size(read), max_diff_alone: far(read, answers.made), max_diff_padded_batches: null, ...answers.versions }));
