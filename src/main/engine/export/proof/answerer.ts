/** Something that answers token ids with logits and greedy tokens: the checkpoint in the app, or exported files loaded again. */
import { createGenerator, type GenerationSource } from '../../generate/index.ts';
import { prefillGraph } from '../../generate/decode-graph.ts';
import { LiveWeights } from '../../generate/live-weights.ts';
import { compile } from '../../runtime/session.ts';
import type { ExportSource } from '../source.ts';

export interface Answerer {
  /** Logits of the token after each prompt, [vocabulary] each. */
  logits: (prompts: readonly (readonly number[])[], signal: AbortSignal) => Promise<Float32Array[]>;
  /** The likeliest tokens one after the other, until a stop id or `most`. */
  greedy: (prompts: readonly (readonly number[])[], most: number, stopIds: readonly number[], signal: AbortSignal) => Promise<number[][]>;
  dispose: () => Promise<void>;
}

export const generationSource = (source: ExportSource): GenerationSource => ({ model: source.model, weights: source.weights, ...(source.adapter === null ? {} : { adapter: source.adapter }) });

/** The app's own way to answer: base and adapter side by side, as training and chat run them. */
export function modelAnswerer(source: ExportSource, threads: number): Answerer {
  const from = generationSource(source), generator = createGenerator(from, { threads, keepPrograms: 2 }), { vocabSize } = source.model.config;
  return {
    logits: async (prompts, signal) => {
      const width = Math.max(...prompts.map((p) => p.length)), batch = 4, live = new LiveWeights(from, threads);
      const program = await compile(prefillGraph(from, batch, width), { threads, prepack: false });
      try {
        const feeds = await live.feeds(), positions = Int32Array.from({ length: batch * width }, (_, i) => i % width), rows: Float32Array[] = [];
        for (let at = 0; at < prompts.length; at += batch) {
          signal.throwIfAborted();
          const ids = new Int32Array(batch * width), part = prompts.slice(at, at + batch);
          part.forEach((p, b) => { ids.set(p, b * width); });
          const last = Int32Array.from({ length: batch }, (_, b) => b * width + (part[b]?.length ?? 1) - 1);
          const logits = (await program.run({ ...feeds, ids, positions, last }, ['logits']))['logits']?.data as Float32Array;
          part.forEach((_, b) => { rows.push(logits.slice(b * vocabSize, (b + 1) * vocabSize)); });
          await new Promise((resolve) => { setImmediate(resolve); });
        }
        return rows;
      } finally { await program.dispose(); await live.dispose(); }
    },
    greedy: async (prompts, most, stopIds, signal) => {
      const answers = await generator.generateBatch({ prompts, sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: most, stopIds, signal });
      signal.throwIfAborted();
      return answers.map((a) => a.tokens);
    },
    dispose: () => generator.dispose(),
  };
}
