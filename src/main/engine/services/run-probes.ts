/** What a preference run's answers to fixed prompts say of its health, at each evaluation: KL to the policy as it was when the run began, entropy, length, repetition, refusals. */
import { isProbed } from '../../../shared/health/index.ts';
import { healthOf } from '../../../shared/schema/health.ts';
import { AnswerScorer, type GenerationSource } from '../generate/index.ts';
import type { TrainRow } from '../methods/example-row.ts';
import type { Job } from '../protocol.ts';
import type { SampleMoment } from '../train/options.ts';
import { FixedAnswers } from './fixed-answers.ts';
import type { ModelText } from './model-text.ts';
import { probeMeasures, type ProbeAnswer } from './probes/measures.ts';
import { probePrompts } from './probes/probe-prompts.ts';
import { stopIdsOf } from './prompt-ids.ts';

/** The answers to probe: those of the sample prompts, else to prompts of rows; null where nothing is probed. */
export function probeAnswers(job: Job, text: ModelText, samples: FixedAnswers | null, evalRows: readonly TrainRow[], rows: readonly TrainRow[]): FixedAnswers | null {
  if (!isProbed(job.recipe.method)) return null;
  if (samples !== null) return samples;
  const prompts = probePrompts(evalRows, rows, healthOf(job.recipe).probes);
  return prompts.length === 0 ? null : new FixedAnswers(job, { prompts, stopIds: stopIdsOf(text), sampling: job.recipe.samples.sampling });
}

export class RunProbes implements AsyncDisposable {
  readonly #answers: FixedAnswers;
  readonly #text: ModelText;
  readonly #scorer: AnswerScorer;
  #start: GenerationSource | undefined;
  constructor(answers: FixedAnswers, text: ModelText, threads: number) { this.#answers = answers; this.#text = text; this.#scorer = new AnswerScorer(threads, answers.device); }

  async measure(moment: SampleMoment): Promise<Record<string, number>> {
    const { fixed } = this.#answers, answers = await this.#answers.at(moment);
    this.#start ??= this.#answers.source(moment.start());
    const asked = answers.map((a, i) => ({ prompt: fixed.prompts[i]!, answer: a.tokens }));
    const scores = await this.#scorer.score(this.#answers.source(moment.weights), this.#start, asked, moment.weights.kind === 'adapter');
    const stops = new Set(fixed.stopIds);
    return probeMeasures(answers.map((a, i): ProbeAnswer => {
      const tokens = a.cause === 'eos' && stops.has(a.tokens.at(-1) ?? -1) ? a.tokens.slice(0, -1) : a.tokens;
      return { text: this.#text.tokenizer.decode(a.tokens, { skipSpecial: true }), tokens, cut: a.reason === 'length', ...scores[i]! };
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> { await this.#scorer.dispose(); }
}
