/** The five steps that a device must pass before it is trusted: each compares a tiny model on it with the CPU provider. Yields as it goes, so that a native abort leaves the steps before it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS } from '../../../../shared/methods/index.ts';
import { loraAdapter } from '../../../../shared/schema/recipe.ts';
import { SELF_TEST_STEPS, type ProviderId, type SelfTestStep } from '../../../../shared/schema/device.ts';
import { createGenerator, type GenerationSource } from '../../generate/index.ts';
import { openModelFolder } from '../../io/model-folder.ts';
import type { EncodedRow } from '../../methods/encoded-row.ts';
import { engineMethod } from '../../methods/index.ts';
import { parseModel } from '../../models/index.ts';
import { checkParameters } from '../../models/parameters.ts';
import { Random } from '../../nn/random.ts';
import { optimize } from '../../graph/passes/index.ts';
import { compile, type Program } from '../../runtime/session.ts';
import { collate } from '../../train/batch.ts';
import { trainRun } from '../../train/index.ts';
import { initModel } from '../../train/init-model.ts';
import { initialValues, loadModel } from '../../train/load.ts';
import { buildStep } from '../../train/step-graph.ts';
import { trainableFeeds } from '../../train/trainables.ts';
import { plainReason } from './probe.ts';

const MODEL = {
  model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 96, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2,
  max_position_embeddings: 64, rms_norm_eps: 1e-6, tie_word_embeddings: true, initializer_range: 0.2, eos_token_id: 1, pad_token_id: 0,
};
/** Relative errors that are allowed. Measured on a software renderer: 1e-7 for a loss, 4e-6 for a gradient; cards round some functions more coarsely. */
const LIMITS = { forward: 1e-4, gradient: 1e-3, train: 1e-3, logprob: 1e-3 };
const config = METHODS.sft.train.parse({ learning_rate: 1e-2, max_steps: 2, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0 });
const shape = { rows: 4, length: 16, losses: 64 };

export async function* selfTest(device: ProviderId, threads: number): AsyncGenerator<SelfTestStep> {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-self-test-'));
  const bench = new Bench(device, threads, folder);
  const steps: Record<SelfTestStep['step'], () => Promise<{ ok: boolean; text: string }>> = { compile: () => bench.compile(), forward: () => bench.forward(), gradient: () => bench.gradient(), train: () => bench.train(), generate: () => bench.generate() };
  try {
    initModel(MODEL, join(folder, 'model'), 7);
    let failed: string | null = null;
    for (const step of SELF_TEST_STEPS) {
      const began = performance.now();
      let result: { ok: boolean; text: string };
      if (failed !== null) result = { ok: false, text: `Not tried, because ${failed} failed.` };
      else try { result = await steps[step](); } catch (e) { result = { ok: false, text: plainReason(e) }; }
      if (!result.ok) failed ??= step;
      yield { device, step, ...result, seconds: (performance.now() - began) / 1000 };
    }
  } finally {
    await bench.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Outputs = Awaited<ReturnType<Program['run']>>;

class Bench {
  readonly #device: ProviderId;
  readonly #threads: number;
  readonly #folder: string;
  #programs: [Program, Program] | undefined;
  #outputs: [Outputs, Outputs] | undefined;
  readonly #rows: EncodedRow[];
  constructor(device: ProviderId, threads: number, folder: string) {
    this.#device = device;
    this.#threads = threads;
    this.#folder = folder;
    const random = new Random(3);
    this.#rows = Array.from({ length: 8 }, (_, source) => ({ ids: Int32Array.from({ length: 6 + source }, () => 2 + random.below(90)), mask: Uint8Array.from({ length: 6 + source }, (_x, i) => (i < 2 ? 0 : 1)), truncated: false, source }));
  }

  get #model(): string { return join(this.#folder, 'model'); }

  async compile(): Promise<{ ok: boolean; text: string }> {
    const loaded = loadModel({ modelFolder: this.#model, start: null, adapter: loraAdapter.parse({ r: 4, init_lora_weights: false }) });
    const graph = optimize(buildStep({ model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method: engineMethod('sft'), config, shape, kind: 'train' }));
    const cpu = await compile(graph, { threads: this.#threads }), own = await compile(graph, { provider: this.#device, threads: this.#threads });
    this.#programs = [cpu, own];
    const trees = this.#rows.slice(0, 4).map((r) => ({ tree: [{ parent: -1, ids: r.ids, targets: r.mask }], columns: [] }));
    const feeds = { ...collate(trees, shape, { token: 1 / 32, share: 1 }, 0).feeds, ...trainableFeeds(loaded.trainables, initialValues(loaded, { start: null, config })) };
    this.#outputs = [await cpu.run(feeds), await own.run(feeds)];
    return { ok: true, text: `${own.onnxNodes} nodes of a training step` };
  }

  async forward(): Promise<{ ok: boolean; text: string }> {
    const [a, b] = this.#outputs!.map((o) => Number(o['loss']!.data[0])) as [number, number], error = Math.abs(b / a - 1);
    return within(error, LIMITS.forward, `loss ${b.toFixed(5)}, on the CPU ${a.toFixed(5)}`);
  }

  async gradient(): Promise<{ ok: boolean; text: string }> {
    const [cpu, own] = this.#outputs!;
    let off = 0, all = 0;
    for (const name of Object.keys(cpu)) if (name.startsWith('gradient:')) cpu[name]!.data.forEach((x: number | bigint, i: number) => { off += (Number(own[name]!.data[i]) - Number(x)) ** 2; all += Number(x) ** 2; });
    return within(Math.sqrt(off / all), LIMITS.gradient, 'gradient of every adapter');
  }

  async train(): Promise<{ ok: boolean; text: string }> {
    const run = async (device: ProviderId): Promise<number[]> => {
      const losses: number[] = [];
      await trainRun({ method: 'sft', config, adapter: loraAdapter.parse({ r: 4 }), modelFolder: this.#model, start: null, rows: this.#rows, evalRows: [], runFolder: join(this.#folder, device), resume: null, threads: this.#threads, recipeHash: 'self-test', device },
        (e) => { if (e.type === 'metric' && e.values['loss'] !== undefined) losses.push(e.values['loss']); });
      return losses;
    };
    const cpu = await run('cpu'), own = this.#device === 'cpu' ? cpu : await run(this.#device);
    return within(Math.max(...own.map((x, i) => Math.abs(x / cpu[i]! - 1))), LIMITS.train, `${own.length} steps, loss ${own.map((x) => x.toFixed(4)).join(' to ')}`);
  }

  async generate(): Promise<{ ok: boolean; text: string }> {
    const folder = openModelFolder(this.#model), model = parseModel(folder.config);
    const source: GenerationSource = { model, weights: checkParameters(model, folder.tensors) };
    const answer = async (device: ProviderId): Promise<{ tokens: number[]; logprobs: number[] }> => {
      const generator = createGenerator(source, { threads: this.#threads, device });
      try { return (await generator.generateBatch({ prompts: [[5, 9, 13]], sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: 8 }))[0]!; } finally { await generator.dispose(); }
    };
    const cpu = await answer('cpu'), own = this.#device === 'cpu' ? cpu : await answer(this.#device);
    if (own.tokens.join() !== cpu.tokens.join()) return { ok: false, text: `It answers ${own.tokens.join(' ')}, the CPU ${cpu.tokens.join(' ')}.` };
    return within(Math.max(...own.logprobs.map((x, i) => Math.abs(x - cpu.logprobs[i]!))), LIMITS.logprob, `${own.tokens.length} equal tokens`);
  }

  async dispose(): Promise<void> { for (const program of this.#programs ?? []) await program.dispose(); }
}

function within(error: number, limit: number, what: string): { ok: boolean; text: string } {
  return error < limit ? { ok: true, text: `${what}; relative error ${error.toExponential(1)}` } : { ok: false, text: `${what}; relative error ${error.toExponential(1)}, and at most ${limit} is allowed.` };
}
