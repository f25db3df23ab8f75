/**
 * Twelve graphs that stand for what users run: families, methods, adapters and full training, lengths, recomputation, generation. Built from shapes alone (no weight is read), at real widths;
 * some with fewer layers, because layers repeat. `countsOf` gives what must not grow unseen. Recorded in canonical-graphs.json by `node test/engine/canonical-graphs-record.ts`.
 */

import { METHODS, type MethodId } from '../../src/shared/methods/index.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { decodeGraph, prefillGraph } from '../../src/main/engine/generate/decode-graph.ts';
import type { Graph } from '../../src/main/engine/graph/node.ts';
import { forDecoding } from '../../src/main/engine/graph/passes/index.ts';
import { countFlops, planMemory } from '../../src/main/engine/graph/stats.ts';
import type { TensorEntry } from '../../src/main/engine/io/safetensors-header.ts';
import { engineMethod } from '../../src/main/engine/methods/index.ts';
import { parseModel, type ParsedModel } from '../../src/main/engine/models/index.ts';
import { asClassifier } from '../../src/main/engine/models/sequence-classifier.ts';
import { writeOnnx } from '../../src/main/engine/onnx/write.ts';
import { ProgramPool, type PoolOptions } from '../../src/main/engine/train/program-pool.ts';
import type { StepSpec } from '../../src/main/engine/train/step-graph.ts';
import { fullTrainables, loraTrainables } from '../../src/main/engine/train/trainables.ts';

const LLAMA = { model_type: 'llama', vocab_size: 49_152, hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30, num_attention_heads: 9, num_key_value_heads: 3, max_position_embeddings: 2048, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true };
const QWEN = { model_type: 'qwen2', vocab_size: 151_936, hidden_size: 896, intermediate_size: 4864, num_hidden_layers: 4, num_attention_heads: 14, num_key_value_heads: 2, max_position_embeddings: 32_768, rms_norm_eps: 1e-6, rope_theta: 1e6, tie_word_embeddings: true };
const QWEN3 = { model_type: 'qwen3', vocab_size: 151_936, hidden_size: 1024, intermediate_size: 3072, num_hidden_layers: 4, num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128, max_position_embeddings: 40_960, rms_norm_eps: 1e-6, rope_theta: 1e6, tie_word_embeddings: true };
const GEMMA3 = { model_type: 'gemma3_text', vocab_size: 262_144, hidden_size: 640, intermediate_size: 2048, num_hidden_layers: 6, num_attention_heads: 4, num_key_value_heads: 1, head_dim: 256, max_position_embeddings: 32_768, sliding_window: 512, query_pre_attn_scalar: 256, sliding_window_pattern: 6 };
const LFM2 = { model_type: 'lfm2', vocab_size: 65_536, hidden_size: 1024, intermediate_size: 6656, num_hidden_layers: 4, num_attention_heads: 16, num_key_value_heads: 8, max_position_embeddings: 128_000, layer_types: ['conv', 'conv', 'full_attention', 'conv'] };
const GPT2 = { model_type: 'gpt2', vocab_size: 50_257, n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024 };

export interface Canonical { id: string; make: () => Graph }

interface Step { model: Record<string, unknown>; method: MethodId; lora?: Record<string, unknown> | null; shape: StepSpec['shape']; kind?: StepSpec['kind']; train?: Record<string, unknown> }

/** Tensors where a file would have them, one after the other. */
function tensorsOf({ family, config }: ParsedModel): Map<string, TensorEntry> {
  let offset = 8;
  return new Map(family.parameters(config).map(({ name, shape }) => {
    const byteLength = 4 * shape.reduce((a, b) => a * b, 1);
    offset += byteLength;
    return [name, { name, dtype: 'F32' as const, shape: [...shape], path: '/nowhere/model.safetensors', offset: offset - byteLength, byteLength }];
  }));
}

export function poolOptions({ model: json, method: id, lora, train = {} }: Step): PoolOptions {
  const method = engineMethod(id);
  const parsed = parseModel(json);
  const model = method.head === 'score' ? asClassifier(parsed) : parsed;
  const adapter = lora === null ? null : loraAdapter.parse({ r: 16, target_modules: 'all-linear', ...(method.head === 'score' ? { modules_to_save: ['score'] } : {}), ...lora });
  const config = METHODS[id].train.parse(train) as StepSpec['config'];
  return { spec: { model, weights: tensorsOf(model), trainables: adapter === null ? fullTrainables(model) : loraTrainables(model, adapter), method, config }, threads: 2, prepack: true, recompute: config.gradient_checkpointing };
}

const step = (id: string, s: Step): Canonical => ({ id, make: () => new ProgramPool(poolOptions(s)).graph(s.kind ?? 'train', s.shape) });
const generation = (id: string, json: Record<string, unknown>, make: (source: { model: ParsedModel; weights: Map<string, TensorEntry> }) => Graph): Canonical => {
  return { id, make: () => { const model = parseModel(json); return make({ model, weights: tensorsOf(model) }); } };
};

export const STEPS = {
  'llama-135m sft lora 512': { model: LLAMA, method: 'sft', shape: { rows: 1, length: 512, losses: 512, examples: 0 } },
  'llama-135m sft lora 1024 recompute': { model: LLAMA, method: 'sft', shape: { rows: 1, length: 1024, losses: 1024, examples: 0 }, train: { gradient_checkpointing: true } },
  'llama-135m sft full 512': { model: LLAMA, method: 'sft', lora: null, shape: { rows: 1, length: 512, losses: 512, examples: 0 } },
  'llama-135m dpo lora 512': { model: LLAMA, method: 'dpo', shape: { rows: 1, length: 512, losses: 256, examples: 2 } },
  'llama-135m dpo reference 512': { model: LLAMA, method: 'dpo', kind: 'reference', shape: { rows: 1, length: 512, losses: 256, examples: 2 } },
  'qwen2-0.5b, 4 layers, sft dora 512': { model: QWEN, method: 'sft', lora: { use_dora: true }, shape: { rows: 1, length: 512, losses: 512, examples: 0 } },
  'qwen3-0.6b, 4 layers, reward lora 2x256': { model: QWEN3, method: 'reward', shape: { rows: 2, length: 256, losses: 16, examples: 2 } },
  'gemma3-270m, 6 layers, kto lora 2x256': { model: GEMMA3, method: 'kto', shape: { rows: 2, length: 256, losses: 256, examples: 2 } },
  'lfm2-700m, 4 layers, orpo lora 2x256': { model: LFM2, method: 'orpo', shape: { rows: 2, length: 256, losses: 256, examples: 2 } },
  'gpt2 sft full 4x128': { model: GPT2, method: 'sft', lora: null, shape: { rows: 4, length: 128, losses: 512, examples: 0 } },
} satisfies Record<string, Step>;

export const CANONICAL: readonly Canonical[] = [
  ...Object.entries(STEPS).map(([id, s]) => step(id, s)),
  generation('llama-135m prefill 256', LLAMA, (source) => forDecoding(prefillGraph(source, 1, 256))),
  generation('llama-135m decode 1x256', LLAMA, (source) => forDecoding(decodeGraph(source, 1, 256, 'grouped'))),
];

/** Floating point operations in 1e9, ONNX nodes, and planned bytes in 1e6: activations at their peak, and all with weights, packed copies, inputs and outputs. */
export interface Counts { gflop: number; nodes: number; activation_mb: number; planned_mb: number }

export function countsOf(graph: Graph): Counts {
  const plan = planMemory(graph);
  const round = (x: number): number => Number(x.toPrecision(6));
  return {
    gflop: round(countFlops(graph) / 1e9), nodes: writeOnnx(graph).nodeCount,
    activation_mb: round(plan.peak / 1e6), planned_mb: round((plan.weights + plan.castWeights + plan.prepacked + plan.inputs + plan.outputs + plan.peak) / 1e6),
  };
}

/** One sentence for each count that moved by more than a tenth: worse must be undone or recorded on purpose, better is recorded so that it cannot get lost again. */
export function compareCounts(id: string, recorded: Counts | undefined, now: Counts): string[] {
  const how = 'node test/engine/canonical-graphs-record.ts';
  if (recorded === undefined) return [`${id} is not recorded yet; run: ${how}`];
  return (Object.keys(now) as (keyof Counts)[]).flatMap((name) => {
    const change = now[name] / recorded[name] - 1;
    if (Math.abs(change) <= 0.1) return [];
    const moved = `${id}: ${name} went from ${recorded[name]} to ${now[name]} (${change > 0 ? '+' : ''}${(100 * change).toFixed(1)} %)`;
    return [change > 0 ? `${moved}; if this is meant, record it with: ${how}` : `${moved}; better: record it with: ${how}`];
  });
}
