/** Invented answers for a model's page: the tensors of its shape, norms, its template applied. */
import { setTimeout as wait } from 'node:timers/promises';
import type { AdapterFacts } from '../../src/shared/schema/adapter.ts';
import type { Checkpoint, Model } from '../../src/shared/schema/entities.ts';
import type { ModelTensor, ModelTensors, NormProgress, RenderedTemplate } from '../../src/shared/schema/model-view.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';

export function fixtureTensors(m: Model): ModelTensors {
  const width = m.hidden_size, inner = width * 8 / 3, dtype = m.dtype.startsWith('b') ? 'BF16' : 'F16';
  const tensor = (name: string, shape: number[], layer: number | null, place: ModelTensor['place']): ModelTensor => { const parameters = shape.reduce((a, b) => a * b, 1); return { name, shape, dtype, parameters, bytes: parameters * 2, layer, place }; };
  const tensors = [
    tensor('model.embed_tokens.weight', [m.vocab_size, width], null, 'before'),
    ...Array.from({ length: m.layers }, (_, i) => ([['input_layernorm', [width]], ['mlp.down_proj', [width, inner]], ['mlp.gate_proj', [inner, width]], ['mlp.up_proj', [inner, width]], ['post_attention_layernorm', [width]], ['self_attn.k_proj', [width / 3, width]], ['self_attn.o_proj', [width, width]], ['self_attn.q_proj', [width, width]], ['self_attn.v_proj', [width / 3, width]]] as [string, number[]][]).map(([name, shape]) => tensor(`model.layers.${i}.${name}.weight`, shape.map(Math.round), i, 'layer'))).flat(),
    tensor('model.norm.weight', [width], null, 'after'),
  ];
  return { tensors, parameters: tensors.reduce((n, t) => n + t.parameters, 0), bytes: tensors.reduce((n, t) => n + t.bytes, 0) };
}

export async function* fixtureNorms(m: Model, signal: AbortSignal): AsyncGenerator<NormProgress, void, undefined> {
  const { tensors } = fixtureTensors(m);
  for (const [i, t] of tensors.entries()) {
    if (signal.aborted) return;
    const rms = 0.02 + (i % 7) * 0.004;
    yield { done: i + 1, total: tensors.length, norms: [{ name: t.name, l2: rms * Math.sqrt(t.parameters), rms, max_abs: rms * 9, not_finite: i === 40 ? 3 : 0 }], skipped: [] };
    if (i % 20 === 0) await wait(30);
  }
}

export function fixtureRender(messages: readonly { role: string; content: string }[]): RenderedTemplate {
  return {
    pieces: messages.flatMap((x): RenderedTemplate['pieces'] => [{ text: '<|im_start|>', kind: 'special' }, { text: `${x.role}\n`, kind: 'text' }, { text: x.content, kind: x.role === 'assistant' ? 'assistant' : 'text' }, { text: '<|im_end|>', kind: 'special' }, { text: '\n', kind: 'text' }]),
    tokens: messages.reduce((n, x) => n + 5 + Math.ceil(x.content.length / 4), 0), spans: 'prefix',
  };
}

export const adapterFacts = (path: string, problem: string | null = null): AdapterFacts => ({ path, base: 'HuggingFaceTB/SmolLM2-135M', adapter: loraAdapter.parse({ r: 8, lora_alpha: 16, target_modules: ['q_proj', 'v_proj'] }), layers: 60, parameters: 460_800, bytes: 1_851_136, weight_hash: '5ad1c2f9e03b', problem });
export function importedAdapter(path: string, model_id: string, name: string): Checkpoint {
  const { base, adapter, weight_hash, bytes } = adapterFacts(path);
  return { id: `ad-${name}`, run_id: '', run_name: name, model_id, step: 0, path, kind: 'adapter', weight_hash, bytes, metrics: {}, created_at: Date.now(), imported: { base, adapter } };
}
