/** Something that answers token ids with logits and greedy tokens: the checkpoint in the app, or exported files loaded again. */
import { createGenerator, type GenerationSource } from '../../generate/index.ts';
import { LiveWeights, weightValues } from '../../generate/live-weights.ts';
import { Graph } from '../../graph/node.ts';
import { gather } from '../../graph/ops/index.ts';
import { optimize } from '../../graph/passes/index.ts';
import { headLogits } from '../../models/head.ts';
import { rowContext } from '../../models/row-context.ts';
import { compile } from '../../runtime/session.ts';
import type { ExportSource } from '../source.ts';

export interface Answerer {
  /** Logits after each of the last tokens of each prompt, as many as `compared` says, prompt by prompt; [vocabulary] each. */
  logits: (prompts: readonly (readonly number[])[], signal: AbortSignal) => Promise<Float32Array[]>;
  /** The likeliest tokens one after the other, until a stop id or `most`. */
  greedy: (prompts: readonly (readonly number[])[], most: number, stopIds: readonly number[], signal: AbortSignal) => Promise<number[][]>;
  dispose: () => Promise<void>;
}

export const generationSource = (source: ExportSource): GenerationSource => ({ model: source.model, weights: source.weights, ...(source.adapter === null ? {} : { adapter: source.adapter }) });

/** Positions of a prompt whose logits are compared, at most. */
const COMPARED = 4;
export const compared = (length: number): number => Math.min(COMPARED, length);

/** Inputs ids, positions int32 [1, width], pick int32 [COMPARED], length int32 [1]; output logits [COMPARED, vocabulary]. */
function logitsGraph(source: GenerationSource, width: number): Graph {
  const graph = new Graph(), { family, config } = source.model;
  const ids = graph.input('ids', [1, width], 'int32'), positions = graph.input('positions', [1, width], 'int32'), pick = graph.input('pick', [COMPARED], 'int32'), lengths = graph.input('length', [1, 1], 'int32');
  const { parameter, linear, head } = weightValues(graph, source);
  const hidden = family.hidden(rowContext(graph, parameter, { batch: 1, length: width, lengths }, linear), config, { ids, positions });
  graph.output('logits', headLogits(config, gather(hidden, pick), head()));
  return optimize(graph);
}

/** The app's own way to answer: base and adapter side by side, as training and chat run them. */
export function modelAnswerer(source: ExportSource, threads: number): Answerer {
  const from = generationSource(source), generator = createGenerator(from, { threads, keepPrograms: 2 }), { vocabSize } = source.model.config;
  return {
    logits: async (prompts, signal) => {
      const width = Math.max(...prompts.map((p) => p.length)), live = new LiveWeights(from, threads), program = await compile(logitsGraph(from, width), { threads, prepack: false });
      try {
        const feeds = await live.feeds(), positions = Int32Array.from({ length: width }, (_, i) => i), rows: Float32Array[] = [];
        for (const p of prompts) {
          signal.throwIfAborted();
          const ids = new Int32Array(width), pick = Int32Array.from({ length: COMPARED }, (_, k) => Math.max(0, p.length - COMPARED + k));
          ids.set(p);
          const logits = (await program.run({ ...feeds, ids, positions, pick, length: Int32Array.of(p.length) }, ['logits']))['logits']?.data as Float32Array;
          for (let k = COMPARED - compared(p.length); k < COMPARED; k++) rows.push(logits.slice(k * vocabSize, (k + 1) * vocabSize));
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
