/** The model card: front matter that a hub reads, lineage in words, and a proof that says what was measured. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CARD_SLACK, modelCard, PROOF_BOUND, type CardFacts } from '../../../src/main/engine/export/card.ts';
import type { ExportProof } from '../../../src/shared/schema/export.ts';

const proof: ExportProof = { reader: 'folder', prompts: 32, positions: 128, max_abs_diff: 1.31e-5, mean_abs_diff: 1.6e-6, max_abs_logit: 20.44, mean_kl: 2.4e-12, same_top: 1, same_text: 1, same_tokens: 1, tokens: 336, lossless: true, tolerance: 2e-4, passed: true, seconds: 2, example: null };
const facts: CardFacts = {
  name: 'mill-step12', format: 'hf', type: 'F32', files: [{ name: 'model.safetensors', bytes: 16_924_616 }], usage: 'Loads in transformers.', notes: ['A note.'], hasTemplate: true, proof,
  lineage: {
    base: { name: 'acme/mill', hub: 'acme/mill', family: 'llama', parameters: 135_000_000, license: 'apache-2.0', weight_hash: 'ba5e' },
    run: { name: 'short', method: 'sft', adapter: 'LoRA, rank 8, alpha 16', step: 12, total_steps: 12, epoch: 0.5, tokens: 5870, seconds: 1.2, metrics: { eval_loss: 3.578 }, recipe: 'method: sft\nmodel: acme/mill\n' },
    imported: null,
    datasets: [{ role: 'train', name: 'talk | more', rows: 4344, format: 'messages', version: 'd67c' }], weight_hash: 'c0de', version: '0.1.0',
  },
};
const frontMatter = (card: string): unknown => parse(/^---\n([\s\S]*?)\n---\n/.exec(card)?.[1] ?? '');

test('front matter and lineage', () => {
  const card = modelCard(facts);
  expect(frontMatter(card)).toEqual({ license: 'apache-2.0', base_model: 'acme/mill', base_model_relation: 'finetune', library_name: 'transformers', pipeline_tag: 'text-generation', tags: ['anneal', 'text-generation', 'sft', 'lora'] });
  for (const text of ['`ba5e`', '`c0de`', 'talk \\| more: 4344 rows (messages), version `d67c`', '| `eval_loss` | 3.578 |', 'step 12 of 12', 'model: acme/mill', '1.31e-5 (largest logit 20.44)', 'The proof holds', '- A note.', '`model.safetensors` | 16.9 MB']) expect(card).toContain(text);
});

describe('what it is called for a hub', () => {
  test.each([['peft', 'F32', 'adapter', 'peft'], ['gguf', 'Q8_0', 'quantized', 'gguf'], ['onnx', 'F32', 'finetune', 'transformers.js'], ['ollama', 'Q4_0', 'quantized', 'gguf']] as const)('%s %s', (format, type, relation, library) => {
    expect(frontMatter(modelCard({ ...facts, format, type }))).toMatchObject({ base_model_relation: relation, library_name: library });
  });
});

test('a failed proof is said plainly; a lossy format has nothing to pass', () => {
  expect(modelCard({ ...facts, proof: { ...proof, max_abs_diff: 0.5, passed: false } })).toMatch(/\*\*The proof failed\*\*.*Do not rely on these files/);
  const lossy = modelCard({ ...facts, type: 'BF16', proof: { ...proof, lossless: false, tolerance: null, passed: null, max_abs_diff: 0.17, same_text: 0.9, example: { prompt: 'a\n`b`', app: 'one', exported: 'two' } } });
  expect(lossy).toContain('does not keep every bit');
  expect(lossy).not.toMatch(/proof holds|proof failed/i);
  expect(lossy).toContain("- prompt: `a / 'b'`");
});

test('no licence, no run: nothing is invented', () => {
  const { lineage } = facts, card = modelCard({ ...facts, lineage: { ...lineage, run: null, datasets: [], base: { ...lineage.base, license: null, hub: null } } });
  expect(frontMatter(card)).toEqual({ library_name: 'transformers', pipeline_tag: 'text-generation', tags: ['anneal', 'text-generation'] });
  expect(card).toContain('not stated in its files');
  expect(card).toContain('Nothing was trained.');
  expect(card).not.toContain('## Training');
  expect(modelCard({ ...facts, lineage: { ...lineage, run: null, imported: 'polite (LoRA, rank 4, alpha 8)' } })).toContain('With an adapter that was imported into Anneal: polite (LoRA, rank 4, alpha 8).');
});

test('the bound that is planned for holds with the longest example', () => {
  const bound = Buffer.byteLength(modelCard({ ...facts, proof: PROOF_BOUND })) + CARD_SLACK, long = '字'.repeat(5000);
  expect(Buffer.byteLength(modelCard({ ...facts, proof: { ...proof, passed: false, tolerance: 1.2345e-5, example: { prompt: long, app: long, exported: long } } }))).toBeLessThanOrEqual(bound);
});
