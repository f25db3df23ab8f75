/** Memory of the answers that a run gives to fixed prompts at its evaluations, and of the probes that read them: programs, KV cache, log-probabilities. An estimate, from the graphs that will run. */
import { decodeGraph, prefillGraph } from '../generate/decode-graph.ts';
import { BATCHES, bucket, cacheBucket, promptBucket } from '../generate/generator.ts';
import { cacheShape } from '../generate/kv-cache.ts';
import { PREPACK_LIMIT } from '../generate/programs.ts';
import { scoreGraph } from '../generate/score-answers.ts';
import { forInference, optimize } from '../graph/passes/index.ts';
import { parameterCount } from '../models/parameters.ts';
import type { Job } from '../protocol.ts';
import { currentWeights } from '../train/current-weights.ts';
import { loadModel } from '../train/load.ts';
import type { TrainOptions } from '../train/options.ts';
import { programBytesOnCard } from '../train/plan/card-memory.ts';
import { programBytes, type PlannedProgram } from '../train/plan/estimate.ts';
import { graphCost } from '../train/plan/graph-cost.ts';
import type { ModelText } from './model-text.ts';
import { probeAnswers } from './run-probes.ts';
import { sampleAnswers } from './sample-prompts.ts';

const FLOAT = 4;
/** Sequences that are answered at a time (fixed-answers.ts). */
const MOST = 16;

/** In the computer, and on the graphics card where the run is on one; 0 where the run answers nothing. */
export function generationBytes(job: Job, text: ModelText, options: TrainOptions): Pick<TrainOptions, 'besideBytes' | 'besideCardBytes'> {
  const samples = sampleAnswers(job, text);
  const probed = probeAnswers(job, text, samples, options.evalRows, options.rows);
  const answers = samples ?? probed;
  if (answers === null) return { besideBytes: 0 };
  const { prompts, sampling } = answers.fixed;
  const { trainables } = loadModel(options);
  // Only shapes matter, so the values stay zero.
  const source = answers.source(currentWeights(trainables, new Float32Array(trainables.length), options.modelFolder));
  const { family, config } = source.model;
  const parameters = parameterCount(family.parameters(config));
  const longest = prompts.reduce((n, p) => Math.max(n, p.length), 1), batch = bucket(BATCHES, Math.min(prompts.length, MOST));
  const most = Math.min(longest + sampling.max_new_tokens, config.maxPositions);
  // The cache begins with room for a few tokens and is doubled; each size has a program of its own.
  const sizes: number[] = [];
  for (let size = cacheBucket(Math.min(longest + 32, most)); size < cacheBucket(most); size *= 2) sizes.push(size);
  sizes.push(cacheBucket(most));
  const prefill = graphCost(optimize(prefillGraph(source, batch, promptBucket(longest))));
  const decode = graphCost(optimize(decodeGraph(source, batch, sizes.at(-1)!)));
  const programs: PlannedProgram[] = [
    { cost: prefill, packed: parameters < PREPACK_LIMIT.prefill },
    ...sizes.map((size) => ({ cost: decode, packed: parameters < PREPACK_LIMIT.decode, share: size / sizes.at(-1)! })),
  ];
  // One cache, and the next larger one while it is copied. Fed from the computer's memory at every token, wherever it is computed.
  const cache = cacheBytes(source.model.config, batch, sizes.at(-1)!);
  let kept = 1.5 * cache;
  if (probed !== null) {
    const score = graphCost(forInference(optimize(scoreGraph(source, { length: most, answer: sampling.max_new_tokens }))));
    // The policy's program also serves the start of an adapter; full weights are another one. Beside them log-probabilities over the vocabulary: the reference's and a blank.
    for (let n = trainables.kind === 'adapter' ? 1 : 2; n > 0; n--) programs.push({ cost: score, packed: false });
    kept += 2 * sampling.max_new_tokens * config.vocabSize * FLOAT;
  }
  const sum = (of: (p: PlannedProgram) => number): number => programs.reduce((n, p) => n + of(p), 0);
  return answers.device === 'cpu' ? { besideBytes: sum(programBytes) + kept } : { besideBytes: kept, besideCardBytes: sum(programBytesOnCard) + cache };
}

function cacheBytes(config: Parameters<typeof cacheShape>[0], batch: number, slots: number): number {
  const { attention, kvHeads, headDim, conv, steps, channels } = cacheShape(config);
  return batch * FLOAT * (2 * attention.length * kvHeads * slots * headDim + conv.length * steps * channels);
}
