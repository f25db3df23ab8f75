// Runs an exported ONNX decoder with onnxruntime-node alone, as transformers.js does, and compares it with what the app answered (export-answers.ts). Imports nothing of the app.
// Usage: node exports-onnx.mjs <answers folder> <results.jsonl> <label> <export folder>
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor, env } from 'onnxruntime-node';

const [answers, results, label, folder] = process.argv.slice(2);
const { prompts, vocabulary } = JSON.parse(readFileSync(join(answers, 'answers.json'), 'utf8'));
const bytes = readFileSync(join(answers, 'logits.f32')), ours = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
const layers = config.num_hidden_layers ?? config.n_layer, heads = config.num_key_value_heads ?? config.num_attention_heads ?? config.n_head, size = config.head_dim ?? (config.hidden_size ?? config.n_embd) / (config.num_attention_heads ?? config.n_head);
const session = await InferenceSession.create(join(folder, 'onnx/model.onnx'), { executionProviders: ['cpu'], intraOpNumThreads: 2 });
const names = Array.from({ length: layers }, (_, i) => ['key', 'value'].map((s) => [`past_key_values.${i}.${s}`, `present.${i}.${s}`])).flat();
const ints = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
const empty = () => Object.fromEntries(names.map(([past]) => [past, new Tensor('float32', new Float32Array(0), [1, heads, 0, size])]));
async function step(ids, before, cache) {
  const out = await session.run({ input_ids: ints(ids), attention_mask: ints(Array.from({ length: before + ids.length }, () => 1)), position_ids: ints(ids.map((_, i) => before + i)), ...cache });
  return { last: out.logits.data.subarray(out.logits.data.length - vocabulary), cache: Object.fromEntries(names.map(([past, present]) => [past, out[present]])) };
}
const largest = (row) => row.reduce((best, x, i) => (x > row[best] ? i : best), 0);

let worst = 0, equal = 0, asked = 0;
for (const [i, p] of prompts.entries()) {
  let now = await step(p.ids, 0, empty());
  for (let k = 0; k < vocabulary; k++) worst = Math.max(worst, Math.abs(now.last[k] - ours[i * vocabulary + k]));
  if (p.greedy === null) continue;
  asked++;
  const tokens = [largest(now.last)];
  while (tokens.length < p.greedy.length) { now = await step(tokens.slice(-1), p.ids.length + tokens.length - 1, now.cache); tokens.push(largest(now.last)); }
  if (tokens.every((t, k) => t === p.greedy[k])) equal++;
}
const record = (name, value, unit, target, detail) => {
  const meets = target === null ? null : target.at === 'least' ? value >= target.value : value <= target.value;
  appendFileSync(results, `${JSON.stringify({ name, model: label, value, unit, target, meets, detail: { ...detail, onnxruntime: env.versions.node }, date: new Date().toISOString() })}\n`);
  console.log(name, label, value, unit, meets);
};
record('onnx: largest difference of a logit', worst, 'logit', { at: 'most', value: 1e-4 }, { prompts: prompts.length });
record('onnx: same greedy text', equal / asked, 'share', { at: 'least', value: 1 }, { prompts: asked });
