/** Answers to prompts that stay the same for a whole run, with the weights as they are at each evaluation. The compiled programs are kept between evaluations; the weights are read live. */
import { answersDevice, type ProviderId } from '../../../shared/schema/device.ts';
import type { Sampling } from '../../../shared/schema/recipe.ts';
import { createGenerator, type Generated, type GenerationSource, type Generator } from '../generate/index.ts';
import { openModelFolder } from '../io/model-folder.ts';
import { parseModel } from '../models/index.ts';
import { checkParameters } from '../models/parameters.ts';
import type { Job } from '../protocol.ts';
import type { CurrentWeights, SampleMoment } from '../train/options.ts';

export interface FixedPrompts { prompts: readonly (readonly number[])[]; stopIds: readonly number[]; sampling: Sampling }

export class FixedAnswers implements AsyncDisposable {
  readonly #job: Job;
  readonly fixed: FixedPrompts;
  #made: { generator: Generator; tensors: unknown } | undefined;
  #last: { step: number; answers: Generated[] } | undefined;
  /** Where they are computed: where the run is. */
  readonly device: ProviderId;
  constructor(job: Job, fixed: FixedPrompts) { this.#job = job; this.fixed = fixed; this.device = answersDevice(job.device?.id ?? 'cpu'); }

  /** In the order of the prompts; asked again at the same step, the same answers. */
  async at(moment: SampleMoment): Promise<readonly Generated[]> {
    if (this.#last?.step === moment.step) return this.#last.answers;
    const { prompts, stopIds, sampling } = this.fixed, generator = await this.#generator(moment.weights);
    const answers = await generator.generateBatch({ prompts, sampling, maxNewTokens: sampling.max_new_tokens, stopIds });
    this.#last = { step: moment.step, answers };
    return answers;
  }

  /** The model with these weights. */
  source(weights: CurrentWeights): GenerationSource {
    const { checkpoint, folder: base } = this.#job.model;
    const folder = openModelFolder(checkpoint?.kind === 'full' ? checkpoint.folder : base);
    const model = parseModel(folder.config);
    return { model, weights: checkParameters(model, folder.tensors), ...(weights.kind === 'adapter' ? { adapter: weights.adapter } : { tensor: weights.tensor }) };
  }

  async #generator(weights: CurrentWeights): Promise<Generator> {
    const tensors = weights.kind === 'adapter' ? weights.adapter.pairs[0]?.a.buffer : weights.tensor;
    // The optimiser swaps buffers at each step, so the generator is made anew when they are others; compilation is cheap beside an evaluation.
    if (this.#made !== undefined && this.#made.tensors === tensors) return this.#made.generator;
    await this.#made?.generator.dispose();
    const generator = createGenerator(this.source(weights), { threads: this.#job.threads, maxBatch: 16, device: this.device });
    this.#made = { generator, tensors };
    return generator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made?.generator.dispose();
    this.#made = undefined;
  }
}
