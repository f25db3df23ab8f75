/** Rebuilds the models and data of the golden runs from their formula (spec/alignment.md section 14.2) and writes them as Hugging Face folders. */

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModelFiles } from '../../src/main/engine/io/save-model.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { asClassifier } from '../../src/main/engine/models/sequence-classifier.ts';
import type { EncodedRow } from '../../src/main/engine/methods/encoded-row.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/oracle');

export interface GoldenStep { loss: number; grad_norm: number; entropy?: number; mean_token_accuracy?: number; num_tokens?: number }
export interface GoldenRun { run: string; trainable?: number; steps: GoldenStep[] }
export interface GoldenArch { arch: string; n_params: number; nll: number; last_logits_0_5: number[]; first_logits_0_3: number[] }
/** Rows of golden-arch-2.jsonl (made by test/oracle/make_architectures.py) say more: the config as transformers wrote it, the norm of the gradient of the NLL, greedy text. */
export interface GoldenArch2 extends GoldenArch { grad_norm: number; prompts: number[][]; greedy: number[][]; config: Record<string, unknown> }

export const MORE_ARCHITECTURES: readonly GoldenArch2[] = readFileSync(join(FIXTURES, 'golden-arch-2.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l) as GoldenArch2);

export function goldenRun(name: string): GoldenRun {
  const line = readFileSync(join(FIXTURES, 'golden-runs.jsonl'), 'utf8').split('\n').find((l) => l.includes(`"run": "${name}"`));
  if (line === undefined) throw new Error(`no golden run ${name}`);
  return JSON.parse(line) as GoldenRun;
}

export function goldenArch(name: string): GoldenArch {
  const more = MORE_ARCHITECTURES.find((row) => row.arch === name);
  if (more !== undefined) return more;
  const line = readFileSync(join(FIXTURES, 'golden-arch.txt'), 'utf8').split('\n').find((l) => l.includes(`"arch": "${name}"`));
  if (line === undefined) throw new Error(`no golden architecture ${name}`);
  return JSON.parse(line) as GoldenArch;
}

const BASE = {
  vocab_size: 32, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-6,
  tie_word_embeddings: false, pad_token_id: 0, eos_token_id: 1, bos_token_id: null, hidden_act: 'silu', rope_parameters: { rope_type: 'default', rope_theta: 10_000 },
};

/** config.json of every architecture row that is built. */
export const ARCHITECTURES: Record<string, Record<string, unknown>> = {
  llama: { ...BASE, model_type: 'llama' },
  llama_tied: { ...BASE, model_type: 'llama', tie_word_embeddings: true },
  llama_rope_llama3: { ...BASE, model_type: 'llama', rope_parameters: { rope_type: 'llama3', rope_theta: 10_000, factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 } },
  llama_rope_linear4: { ...BASE, model_type: 'llama', rope_parameters: undefined, rope_theta: 10_000, rope_scaling: { type: 'linear', factor: 4 } },
  llama_rope_yarn4: { ...BASE, model_type: 'llama', rope_parameters: { rope_type: 'yarn', rope_theta: 10_000, factor: 4, original_max_position_embeddings: 16 } },
  qwen2: { ...BASE, model_type: 'qwen2' },
  qwen3: { ...BASE, model_type: 'qwen3', head_dim: 8, tie_word_embeddings: true },
  mistral_sw4: { ...BASE, model_type: 'mistral', sliding_window: 4 },
  smollm3: { ...BASE, model_type: 'smollm3', no_rope_layers: [1, 0], tie_word_embeddings: true },
  gemma: { ...BASE, model_type: 'gemma', head_dim: 8, tie_word_embeddings: undefined, hidden_act: undefined },
  gemma2: { ...BASE, model_type: 'gemma2', head_dim: 8, query_pre_attn_scalar: 8, sliding_window: 4, tie_word_embeddings: undefined, hidden_act: undefined },
  gemma3: {
    ...BASE, model_type: 'gemma3_text', head_dim: 8, query_pre_attn_scalar: 8, sliding_window: 4, tie_word_embeddings: undefined, hidden_act: undefined, layer_types: ['sliding_attention', 'full_attention'],
    rope_parameters: { sliding_attention: { rope_type: 'default', rope_theta: 10_000 }, full_attention: { rope_type: 'default', rope_theta: 1_000_000 } },
  },
  lfm2: { ...BASE, model_type: 'lfm2', layer_types: ['conv', 'full_attention'], block_auto_adjust_ff_dim: false, norm_eps: 1e-5, tie_word_embeddings: undefined },
  ...Object.fromEntries(MORE_ARCHITECTURES.map((row) => [row.arch, row.config])),
};

/** Writes the golden weights of an architecture to a fresh folder and returns it. `factor` multiplies all of them (the golden reference is the policy times 0.9); `classifier`: with a scalar head. */
export function writeGoldenModel(arch: string, factor = 1, { classifier = false } = {}): string {
  const config = JSON.parse(JSON.stringify(ARCHITECTURES[arch])) as Record<string, unknown>;
  const folder = mkdtempSync(join(tmpdir(), `golden-${arch}-`));
  const parsed = parseModel(config);
  const model = classifier ? asClassifier(parsed) : parsed;
  const specs = model.family.parameters(model.config);
  const order = specs.map((s) => s.name).sort();
  writeModelFiles(folder, config, specs.map((spec) => ({ name: spec.name, shape: spec.shape, data: () => goldenValues(spec.name, order.indexOf(spec.name), spec.shape, model.config.normOffset).map((v) => Math.fround(v * factor)) })), 'F32');
  return folder;
}

/** `normOffset` is 1 where norms multiply by 1 + weight (Gemma). */
export function goldenValues(name: string, index: number, shape: readonly number[], normOffset = 0): Float32Array {
  const n = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: n }, (_, i) => {
    const v = Math.sin(0.7 * (i + 1) + 1.3 * (index + 1));
    return name.includes('norm') ? 1 - normOffset + 0.1 * v : 0.3 * v;
  });
}

/** A/B fill of the golden LoRA runs; `index` counts the sorted adapter tensor names. */
export function goldenLora(index: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 0.2 * Math.sin(0.5 * (i + 1) + 0.9 * (index + 1)));
}

const PROMPTS = [[2, 3, 4], [5, 6], [7, 8, 9, 10], [11]];
const COMPLETIONS = [[12, 13, 14, 1], [15, 16, 17, 18, 1], [19, 1], [20, 21, 22, 1]];

/** The four SFT rows; completion-only masks when asked, else every token. */
export function goldenRows(completionOnly: boolean): EncodedRow[] {
  return PROMPTS.map((prompt, source) => {
    const ids = [...prompt, ...COMPLETIONS[source]!];
    return { ids, mask: Uint8Array.from(ids, (_, i) => (completionOnly && i < prompt.length ? 0 : 1)), truncated: false, source };
  });
}

const REJECTED = [[23, 24, 1], [25, 26, 27, 1], [28, 29, 30, 31, 1], [3, 1]];
const MARGINS = [0.5, 0, 1, 0.2];

/** The four pairs (with margins where asked), or the chosen answers with labels T, F, T, F, alone or with the answer of the next row of their block of two. */
export function goldenExamples(kind: 'pairs' | 'margins' | 'judged' | 'mismatched'): ExampleRow[] {
  return PROMPTS.map((prompt, source) => {
    const answer = (ids: readonly number[]): ExampleRow['completions'][number] => ({ ids: [...prompt, ...ids], prompt: prompt.length });
    const common = { truncated: false, source };
    const own = answer(COMPLETIONS[source]!);
    if (kind === 'pairs' || kind === 'margins') return { completions: [own, answer(REJECTED[source]!)], columns: { margin: kind === 'margins' ? MARGINS[source]! : 0 }, ...common };
    const columns = { label: source % 2 === 0 ? 1 : 0 };
    return { completions: kind === 'judged' ? [own] : [own, answer(COMPLETIONS[source ^ 1]!)], columns, ...common };
  });
}
