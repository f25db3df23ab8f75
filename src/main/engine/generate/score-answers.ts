/**
 * How far a policy's next-token predictions are from a reference's along given answers: at each token of an answer the exact KL(policy || reference) = sum over the vocabulary of
 * p (log p - log q), and the policy's entropy, both in nats at temperature 1. Exact sums, no sampling estimator: never negative, and zero for equal weights.
 */

import type { ProviderId } from '../../../shared/schema/device.ts';
import { logSoftmax } from '../graph/fn/index.ts';
import { Graph } from '../graph/node.ts';
import * as o from '../graph/ops/index.ts';
import { forInference, optimize } from '../graph/passes/index.ts';
import { headLogits } from '../models/head.ts';
import { rowContext } from '../models/row-context.ts';
import { compile, type Program } from '../runtime/session.ts';
import { LiveWeights, weightValues, type GenerationSource } from './live-weights.ts';

export interface AnsweredPrompt { prompt: readonly number[]; answer: readonly number[] }
/** Per token of each answer. */
export interface AnswerScore { kl: Float32Array; entropy: Float32Array }
interface Room { length: number; answer: number }

/** ids, positions [1, length], lengths [1, 1], slots [answer] of the predicting tokens, reference [answer, vocabulary] log-probabilities. */
export function scoreGraph(source: GenerationSource, room: Room): Graph {
  const graph = new Graph();
  const { family, config } = source.model;
  const ids = graph.input('ids', [1, room.length], 'int32'), positions = graph.input('positions', [1, room.length], 'int32');
  const lengths = graph.input('lengths', [1, 1], 'int32'), slots = graph.input('slots', [room.answer], 'int32');
  const { head, ...weights } = weightValues(graph, source);
  const hidden = family.hidden(rowContext(graph, weights.parameter, { batch: 1, length: room.length, lengths }, weights.linear), config, { ids, positions });
  const logits = headLogits(config, o.gather(hidden, slots), head());
  const logp = logSoftmax(logits), p = o.softmax(logits);
  const reference = graph.input('reference', [room.answer, config.vocabSize]);
  graph.output('logp', logp);
  graph.output('kl', o.reduceSum(o.mul(p, o.sub(logp, reference)), [-1]));
  graph.output('entropy', o.neg(o.reduceSum(o.mul(p, logp), [-1])));
  return forInference(optimize(graph));
}

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

export class AnswerScorer {
  readonly #threads: number;
  #room: Room = { length: 0, answer: 0 };
  readonly #programs = new Map<string, Program>();
  readonly #provider: ProviderId;
  constructor(threads: number, provider: ProviderId = 'cpu') { this.#threads = threads; this.#provider = provider; }

  /** Scores of every answer. `alike`: the sources differ only in values that are inputs (adapters of one plan), so that one program serves both. An empty answer has empty scores. */
  async score(policy: GenerationSource, reference: GenerationSource, answers: readonly AnsweredPrompt[], alike: boolean): Promise<AnswerScore[]> {
    await this.#makeRoom(policy, answers);
    const weights = new LiveWeights(policy, this.#threads), start = new LiveWeights(reference, this.#threads);
    try {
      const [now, then] = [await weights.feeds(), await start.feeds()];
      const program = await this.#program('policy', policy), other = alike ? program : await this.#program('reference', reference);
      const blank = new Float32Array(this.#room.answer * policy.model.config.vocabSize);
      const scores: AnswerScore[] = [];
      for (const answer of answers) {
        const n = answer.answer.length, feeds = this.#feeds(answer);
        if (n === 0) { scores.push({ kl: new Float32Array(0), entropy: new Float32Array(0) }); continue; }
        const { logp } = await other.run({ ...then, ...feeds, reference: blank }, ['logp']);
        const out = await program.run({ ...now, ...feeds, reference: logp!.data as Float32Array }, ['kl', 'entropy']);
        const own = (name: string): Float32Array => Float32Array.from((out[name]!.data as Float32Array).subarray(0, n));
        scores.push({ kl: own('kl'), entropy: own('entropy') });
      }
      return scores;
    } finally {
      await weights.dispose();
      await start.dispose();
    }
  }

  #feeds({ prompt, answer }: AnsweredPrompt): Record<string, Int32Array> {
    const { length, answer: room } = this.#room, ids = new Int32Array(length);
    ids.set([...prompt, ...answer]);
    return {
      ids, positions: Int32Array.from({ length }, (_, i) => i), lengths: Int32Array.of(prompt.length + answer.length),
      slots: Int32Array.from({ length: room }, (_, i) => (i < answer.length ? prompt.length - 1 + i : 0)),
    };
  }

  /** Room for the longest; programs of a smaller room go. */
  async #makeRoom(policy: GenerationSource, answers: readonly AnsweredPrompt[]): Promise<void> {
    const most = (size: (a: AnsweredPrompt) => number): number => answers.reduce((n, a) => Math.max(n, size(a)), 1);
    const length = Math.max(this.#room.length, Math.min(roundUp(most((a) => a.prompt.length + a.answer.length), 64), policy.model.config.maxPositions)), answer = Math.max(this.#room.answer, roundUp(most((a) => a.answer.length), 16));
    if (length === this.#room.length && answer === this.#room.answer) return;
    await this.dispose();
    this.#room = { length, answer };
  }

  async #program(name: string, source: GenerationSource): Promise<Program> {
    const made = this.#programs.get(name) ?? await compile(scoreGraph(source, this.#room), { provider: this.#provider, threads: this.#threads, prepack: false });
    this.#programs.set(name, made);
    return made;
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await program.dispose();
    this.#programs.clear();
  }
}
