/** Sample records for looking at pages: invented, deterministic, and shown nowhere but in UI tests. */
import { recipe as recipeSchema } from '../../src/shared/schema/recipe.ts';
import type { Recipe } from '../../src/shared/schema/recipe.ts';
import type { Checkpoint, Dataset, Demo, LogLine, Model, Run, Sample } from '../../src/shared/schema/entities.ts';
import type { DatasetPreview, ModelPreview, RowView } from '../../src/shared/schema/data.ts';

export function random(seed: number): () => number {
  let s = seed;
  return () => (s = (s * 16_807) % 2_147_483_647) / 2_147_483_647;
}
export const NOW = Date.now();
const MINUTE = 60_000, DAY = 86_400_000;

const model = (id: string, name: string, x: Partial<Model>): Model => ({
  id, name, source: 'imported', path: `/home/ada/models/${name}`, family: 'llama', parameters: 134_515_008, dtype: 'fp16', context: 2048, vocab_size: 49_152, layers: 30, hidden_size: 576, tied: true, bytes: 269_060_552, shards: 1,
  weight_hash: '9f31c0a27be84d10', license: 'apache-2.0', has_template: true, template: "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}", created_at: NOW - 3 * DAY, missing: false, ...x,
});
export const MODELS: Model[] = [
  model('anneal-tiny', 'anneal-tiny', { source: 'embedded', path: 'resources/demo/model', parameters: 4_212_480, context: 512, vocab_size: 4096, layers: 6, hidden_size: 256, bytes: 8_431_104, weight_hash: 'c03d91e2aa047f55', created_at: NOW - 9 * DAY }),
  model('smol-135', 'SmolLM2-135M', {}),
  model('qwen-05', 'Qwen2.5-0.5B', { family: 'qwen2', parameters: 494_032_768, dtype: 'bf16', context: 32_768, vocab_size: 151_936, layers: 24, hidden_size: 896, bytes: 988_097_824, weight_hash: '41ab7e90d3c2b1f8', created_at: NOW - DAY }),
  model('lost', 'my-old-llama', { parameters: 1_100_048_384, dtype: 'fp16', license: null, has_template: false, template: null, shards: 3, bytes: 2_200_119_864, weight_hash: '77d0aa13fe55c912', missing: true, created_at: NOW - 20 * DAY }),
];

export const manyModels = (n: number): Model[] => Array.from({ length: n }, (_, i) => model(`many-${i}`, `experiment-${String(i).padStart(4, '0')}`, { family: ['llama', 'qwen2', 'gemma2', 'phi3'][i % 4] ?? 'llama', parameters: 1e6 * (1 + i % 900), created_at: NOW - i * MINUTE }));

const dataset = (id: string, name: string, x: Partial<Dataset>): Dataset => ({ id, name, source: 'imported', format: 'messages', kind: 'messages', rows: 2048, bytes: 612_480, bad_rows: 0, version: '7c1e5b90aa31', dir: `datasets/${id}`, file_name: `${name}.jsonl`, created_at: NOW - 2 * DAY, ...x });
export const DATASETS: Dataset[] = [
  dataset('world', 'world-instruct', { source: 'embedded' }),
  dataset('held', 'world-held-out', { source: 'embedded', rows: 480, bytes: 141_200, version: '1d90c4bb0e72' }),
  dataset('support', 'support-tickets', { format: 'alpaca', kind: 'prompt-completion', rows: 18_204, bytes: 9_842_112, bad_rows: 3, version: 'e4f00917ac35', file_name: 'tickets-2026.csv' }),
  dataset('pairs', 'polite-pairs', { format: 'preference', kind: 'preference', rows: 1200, bytes: 402_112, version: '93ae51c07d1f', file_name: 'polite-pairs.jsonl' }),
  dataset('thumbs', 'shop-feedback', { format: 'unpaired-preference', kind: 'unpaired-preference', rows: 3410, bytes: 911_405, version: 'd02c7b11e8a4', file_name: 'feedback.csv' }),
  dataset('notes', 'field-notes', { format: 'text', kind: 'text', rows: 912, bytes: 402_331, version: '0b77d1c5f2aa', file_name: 'notes.txt' }),
];

export const recipe = (x: object = {}): Recipe => recipeSchema.parse({ method: 'sft', model: 'anneal-tiny', data: { train: 'world', eval: 'held' }, train: { learning_rate: 2e-3, lr_scheduler_type: 'cosine', max_length: 512, packing: true }, samples: { prompts: ['Where does Chen live?', '请用一句话介绍青石镇。', 'List three things that float.'] }, ...x });

/** A loss curve: falls, with noise. */
export const curve = (steps: number, seed: number, from = 3.1, to = 0.42): number[] => { const r = random(seed); return Array.from({ length: steps }, (_, i) => to + (from - to) * Math.exp(-i / (steps / 5)) + (r() - 0.5) * 0.12); };
const spark = (seed: number, to: number): number[] => curve(60, seed, 3.1, to);
const run = (id: string, name: string, x: Partial<Run>): Run => ({
  id, name, method: 'sft', status: 'completed', recipe: recipe(), model_id: 'anneal-tiny', model_name: 'anneal-tiny', train_dataset_id: 'world', train_dataset_name: 'world-instruct', eval_dataset_id: 'held', created_at: NOW - DAY, started_at: NOW - DAY, ended_at: NOW - DAY + 3 * MINUTE,
  step: 600, total_steps: 600, epoch: 3, tokens: 2_457_600, seconds: 142, seconds_left: null, attempt: 1, last: { loss: 0.412, eval_loss: 0.437, learning_rate: 0, grad_norm: 0.74, tokens_per_second: 17_307, mean_token_accuracy: 0.91, rss: 412_000_000 }, spark: spark(3, 0.41), metric_seq: 600, durable_step: 600, best_step: 550, queue: null, error: null, note: null, ...x,
});
export const RUNS: Run[] = [
  run('r-live', 'sft-world-03', { status: 'running', created_at: NOW - 4 * MINUTE, started_at: NOW - 4 * MINUTE, ended_at: null, step: 412, total_steps: 1200, epoch: 1.37, tokens: 1_687_552, seconds: 228, seconds_left: 436, last: { loss: 0.512, eval_loss: 0.561, learning_rate: 0.00161, grad_norm: 0.91, tokens_per_second: 7402, mean_token_accuracy: 0.86, rss: 431_000_000 }, spark: spark(5, 0.5), durable_step: 400, best_step: 400 }),
  run('r-queued', 'sft-tickets-02', { status: 'queued', model_id: 'smol-135', model_name: 'SmolLM2-135M', train_dataset_id: 'support', train_dataset_name: 'support-tickets', eval_dataset_id: null, created_at: NOW - MINUTE, started_at: null, ended_at: null, step: 0, total_steps: 2275, epoch: 0, tokens: 0, seconds: 0, last: {}, spark: [], durable_step: 0, best_step: null, queue: 1, note: 'Waits for sft-world-03.' }),
  run('r-done', 'sft-world-02', {}),
  run('r-dpo', 'dpo-polite-01', { method: 'dpo', status: 'completed', recipe: recipeSchema.parse({ method: 'dpo', model: 'anneal-tiny', checkpoint: 'r-done-600', data: { train: 'pairs', eval: 'pairs' }, train: { beta: 0.1, max_length: 512 } }), train_dataset_id: 'pairs', train_dataset_name: 'polite-pairs', eval_dataset_id: 'pairs', created_at: NOW - 2 * DAY, step: 450, total_steps: 450, epoch: 1, tokens: 402_112, seconds: 143, last: { loss: 0.41, eval_loss: 0.44, learning_rate: 4.2e-6, grad_norm: 1.3, tokens_per_second: 5210, 'rewards/accuracies': 0.88, 'rewards/margins': 0.94, 'eval_rewards/accuracies': 0.84, 'eval_rewards/margins': 0.81, mean_token_accuracy: 0.71, rss: 455_000_000 }, spark: [...curve(60, 9, 0, 0.95)], durable_step: 450, best_step: 450 }),
  run('r-reward', 'reward-manners-01', { method: 'reward', status: 'completed', recipe: recipeSchema.parse({ method: 'reward', model: 'anneal-tiny', data: { train: 'pairs', eval: 'pairs' }, train: { max_length: 512 } }), train_dataset_id: 'pairs', train_dataset_name: 'polite-pairs', eval_dataset_id: 'pairs', step: 120, total_steps: 120, epoch: 1, created_at: NOW - 6 * MINUTE, last: { loss: 0.31, eval_loss: 0.34, accuracy: 0.86, eval_accuracy: 0.84, margin: 1.9, eval_margin: 1.7, grad_norm: 1.1 }, spark: curve(60, 21, 0.7, 0.3), durable_step: 120, best_step: 120, reward_card: 'rwd-r-reward' }),
  run('r-reward-long', 'reward-length-02', { method: 'reward', status: 'completed', recipe: recipeSchema.parse({ method: 'reward', model: 'anneal-tiny', data: { train: 'pairs', eval: 'pairs' }, train: { max_length: 512 } }), train_dataset_id: 'pairs', train_dataset_name: 'polite-pairs', eval_dataset_id: 'pairs', step: 120, total_steps: 120, epoch: 1, created_at: NOW - 6 * MINUTE, last: { loss: 0.31, eval_loss: 0.34, accuracy: 0.86, eval_accuracy: 0.84, margin: 1.9, eval_margin: 1.7, grad_norm: 1.1 }, spark: curve(60, 21, 0.7, 0.3), durable_step: 120, best_step: 120, reward_card: 'rwd-r-reward-long' }),
  run('r-paused', 'sft-notes-01', { status: 'paused', created_at: NOW - 2 * DAY, ended_at: null, step: 240, total_steps: 900, epoch: 0.8, spark: spark(8, 1.4), last: { loss: 1.62, grad_norm: 1.1 }, durable_step: 240, best_step: 200, note: 'Paused by you.', train_dataset_id: 'notes', train_dataset_name: 'field-notes', eval_dataset_id: null }),
  run('r-cut', 'sft-tickets-01', { status: 'interrupted', created_at: NOW - 3 * DAY, ended_at: null, step: 118, total_steps: 2275, epoch: 0.05, spark: spark(11, 1.9), last: { loss: 2.13 }, durable_step: 100, best_step: 100, error: { code: 'engine-crashed', message: 'The engine was killed, by somebody or because memory ran out.' }, model_id: 'smol-135', model_name: 'SmolLM2-135M', train_dataset_id: 'support', train_dataset_name: 'support-tickets' }),
  run('r-nan', 'sft-hot-lr', { status: 'failed', created_at: NOW - 5 * DAY, step: 37, total_steps: 600, epoch: 0.2, spark: [3.1, 2.9, 3.4, 5.2, 8.9], last: { loss: 8.9 }, durable_step: 30, best_step: null, error: { code: 'loss-not-finite', message: 'The loss of step 38 is not a finite number (rows 296, 303); the run stopped and went back to step 37: lower the learning rate or look at these rows.' } }),
];
export const CHECKPOINTS: Checkpoint[] = RUNS.filter((r) => r.step > 100).flatMap((r) => [r.durable_step, Math.max(50, r.durable_step - 200)].map((step, i): Checkpoint => ({
  id: `${r.id}-${step}`, run_id: r.id, run_name: r.name, model_id: r.model_id, step, path: `runs/${r.id}/checkpoints/${step}`, kind: 'adapter', weight_hash: i === 0 ? 'e09d52b1' : '5a20c7f4', bytes: 3_120_440, metrics: { eval_loss: 0.437 + i * 0.08 }, created_at: r.created_at + step * 350,
})));
export const SAMPLES: Sample[] = RUNS.filter((r) => r.step > 0).flatMap((r) => [50, 200, 400].filter((s) => s <= r.step).flatMap((step) => [
  ['Where does Chen live?', step < 100 ? 'Chen lives in the the mill the' : 'Chen lives in 青石镇, near the mill.'], ['请用一句话介绍青石镇。', step < 300 ? '青石镇青石镇在' : '青石镇在河边，很安静。'], ['List three things that float.', step < 100 ? 'a stone, a boat' : 'A boat, a leaf, a cork.'],
].map(([prompt = '', text = ''], index): Sample => ({ run_id: r.id, step, attempt: 1, index, prompt, text, tokens: 14, reason: step < 100 ? 'length' : 'stop', seed: 7 }))));
export const LOG: LogLine[] = ['Computed on cpu: chosen by itself, because no graphics card can be used here.', 'Everything fits as the recipe asks: nothing is split or computed twice for the sake of memory.', 'Ready after 1.1 s: 165 rows a pass, 1200 steps, 786432 trainable parameters, 2 threads, about 522.0 MB planned.', 'Step 50: held-out loss 1.2040, 61.0 % of tokens right.', 'Step 50: checkpoint saved (3.1 MB, weights 5a20c7f4d1b2).', '3 of 2048 rows are longer than max_length 512 and are cut.'].map((text, i) => ({ seq: i + 1, time: NOW - 4 * MINUTE + i * 9000, level: i === 5 ? 'warn' : 'info', text }));

const TASKS = ['arithmetic', 'chinese', 'facts', 'lists', 'polite', 'reverse', 'sort', 'spelling'];
const score = (task: string, n: number, base: number, tuned: number): Demo['scores'][number] => ({ task, n, base, base_low: Math.max(0, base - 0.05), base_high: base + 0.07, tuned, tuned_low: tuned - 0.08, tuned_high: Math.min(1, tuned + 0.05) });
export const demo = (x: Partial<Demo> = {}): Demo => ({
  id: 'demo-1', status: 'done', run_id: 'r-done', progress: 1, started_at: NOW - DAY, ended_at: NOW - DAY + 221_000,
  scores: [...TASKS.map((t, i) => score(t, 60, [0.02, 0.05, 0.11, 0, 0.03, 0, 0.07, 0.02][i] ?? 0, [0.71, 0.86, 0.93, 0.88, 0.97, 0.62, 0.55, 0.9][i] ?? 0)), score('all', 480, 0.0375, 0.8025)],
  difference: { mean: 0.765, low: 0.727, high: 0.802, p: 3.2e-106 },
  examples: [['facts', 'Where does Chen live?', 'In 青石镇, near the mill.', 'Where does Chen live? Where does Dora live? The mill is', 'In 青石镇, near the mill.'], ['polite', 'Say politely: give me the key.', 'Could you please give me the key?', 'Say politely: give me the key. Say rudely: open', 'Could you please give me the key?'], ['arithmetic', '17 + 26 =', '43', '17 + 26 = 17 + 26 =', '43'], ['chinese', '把“谢谢”说得更客气。', '非常感谢您。', '把“谢谢”说得更', '非常感谢您。'], ['sort', 'Sort: pear, fig, apple', 'apple, fig, pear', 'Sort: pear, fig, apple, pear', 'apple, pear, fig']].map(([task = '', prompt = '', expected = '', base = '', tuned = '']) => ({ task, prompt, expected, base, tuned })),
  error: null, ...x,
});

/** Row `i` of a dataset; a few hold what text can hide. */
export function row(d: Dataset, index: number): RowView {
  const people = ['Chen', 'Dora', 'Ivo', 'Mei', 'Sam'], who = people[index % people.length] ?? 'Chen';
  if (d.kind === 'text') return { index, kind: 'text', text: index === 2 ? 'Total\u202e 001 \u202c paid\u200b twice.\u0007' : `Note ${index + 1}. ${who} walked to the mill and counted ${index % 17} boats. The river was ${index % 2 === 0 ? 'high' : 'low'}.` };
  if (d.kind === 'preference') return { index, kind: 'preference', prompt: index % 4 === 2 ? `请${who}把窗户关上。` : `Ask ${who} for the key.`, ...(index % 4 === 2 ? { chosen: `${who}，麻烦你把窗户关上，好吗？`, rejected: `${who}，关窗户！` } : index === 5 ? { chosen: 'Give me the key.', rejected: 'Give me the key.' } : { chosen: `${who}, could you please give me the key to the ${index % 2 === 0 ? 'mill' : 'boat house'}?`, rejected: `${who}, give me the key to the ${index % 2 === 0 ? 'mill' : 'boat house'}${index % 3 === 0 ? ' at once, I have no time for this' : ''}!` }), ...(index % 3 === 0 ? { margin: 1.5 } : {}) };
  if (d.kind === 'unpaired-preference') return { index, kind: 'unpaired-preference', prompt: `Where is my parcel, order ${4000 + index}?`, completion: index % 3 === 0 ? 'No idea. Ask someone else.' : `It left our shop yesterday, ${who}, and should be with you in two days.`, label: index % 3 !== 0 };
  if (d.kind === 'prompt-completion') return { index, kind: 'prompt-completion', prompt: `Ticket ${index + 1}: the parcel for ${who} did not arrive.`, completion: index === 1 ? '<img src=x onerror=alert(1)> We are sorry.' : `Sorry about that, ${who}. It is on its way and will arrive in ${1 + index % 4} days.`, tags: { language: 'en' } };
  const turns = [{ role: 'user', content: index % 5 === 3 ? `请用一句话介绍${who}。` : `Where does ${who} live?` }, { role: 'assistant', content: index % 5 === 3 ? `${who}住在青石镇，靠近磨坊。` : `${who} lives in 青石镇, near the mill.` }];
  return { index, kind: 'messages', messages: index % 7 === 0 ? [{ role: 'system', content: 'Be brief.' }, ...turns, { role: 'user', content: 'And what is there to see?' }, { role: 'assistant', content: 'The old bridge, and a market on Sundays.' }] : turns, tags: { task: ['facts', 'lists', 'polite'][index % 3] ?? 'facts' } };
}

export const modelPreview = (m: Model, x: Partial<ModelPreview> = {}): ModelPreview => ({
  path: m.path, family: m.family, supported: true, parameters: m.parameters, dtype: m.dtype, context: m.context, vocab_size: m.vocab_size, layers: m.layers, hidden_size: m.hidden_size, heads: 9, kv_heads: 3, tied: m.tied, bytes: m.bytes, shards: m.shards, weight_hash: m.weight_hash, license: m.license, template: m.template,
  template_preview: m.template === null ? null : '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhere does Chen live?<|im_end|>\n<|im_start|>assistant\nIn 青石镇.<|im_end|>\n', warnings: m.template === null ? ['The tokenizer has no chat template: choose one in the train wizard, or train on plain text.'] : [], ...x,
});
export const datasetPreview = (file: string, mapped: boolean): DatasetPreview => {
  const d = DATASETS[2] as Dataset, odd = file.includes('odd');
  return {
    file_name: file.split('/').at(-1) ?? file, bytes: 9_842_112, format: 'alpaca', confidence: odd ? 0.4 : 0.98, kind: 'prompt-completion', columns: odd ? ['question', 'context', 'reply', 'lang'] : ['instruction', 'input', 'output'], mapping: odd && !mapped ? { instruction: 'question' } : odd ? { instruction: 'question', output: 'reply' } : {}, mapping_needed: odd && !mapped,
    fields: [{ name: 'instruction', required: true }, { name: 'input', required: false }, { name: 'output', required: true }], rows: odd && !mapped ? 0 : 18_204, bad_rows: odd ? 0 : 3,
    bad: odd ? [] : [{ line: 118, code: 'dataset-syntax', message: 'Line 118 is not valid JSON: Expected "," at column 42.' }, { line: 4031, code: 'row-invalid', message: 'Line 4031: "output" is empty, so there is nothing to learn.' }, { line: 9120, code: 'row-invalid', message: 'Line 9120: "instruction" is missing.' }],
    sample: odd && !mapped ? [] : [0, 1, 2].map((i) => row(d, i)), message: odd && !mapped ? 'The columns question, context, reply and lang do not name what Alpaca needs: say which is which.' : null,
  };
};
