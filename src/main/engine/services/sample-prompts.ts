/** The fixed prompts of a run, answered with the weights as they are at each evaluation. The compiled programs are kept between evaluations; the weights are read live. */
import type { Sampling } from '../../../shared/schema/recipe.ts';
import { createGenerator, type Generator } from '../generate/index.ts';
import { openModelFolder } from '../io/model-folder.ts';
import { parseModel } from '../models/index.ts';
import { checkParameters } from '../models/parameters.ts';
import type { Job } from '../protocol.ts';
import type { SampleMoment, TrainSample } from '../train/options.ts';
import type { ModelText } from './model-text.ts';
import { conversationPrompt, textPrompt } from './prompt-ids.ts';

export interface SamplePrompts extends AsyncDisposable { answer(moment: SampleMoment): Promise<TrainSample[]> }

/** null when the recipe asks for none. A prompt goes through the chat template where there is one. */
export function samplePrompts(job: Job, text: ModelText): SamplePrompts | null {
  const { prompts, sampling } = job.recipe.samples;
  if (prompts.length === 0) return null;
  const questions = prompts.map((prompt) => (text.template === null ? textPrompt(text, prompt) : conversationPrompt(text, [{ role: 'user', content: prompt }])));
  let made: { generator: Generator; tensors: unknown } | undefined;
  const generatorFor = async (moment: SampleMoment): Promise<Generator> => {
    const { weights } = moment;
    const tensors = weights.kind === 'adapter' ? weights.adapter.pairs[0]?.a.buffer : weights.tensor;
    // The optimiser swaps buffers at each step, so the generator is made anew when they are others; compilation is cheap beside an evaluation.
    if (made !== undefined && made.tensors === tensors) return made.generator;
    await made?.generator.dispose();
    const folder = openModelFolder(job.model.checkpoint?.kind === 'full' ? job.model.checkpoint.folder : job.model.folder);
    const model = parseModel(folder.config);
    const source = { model, weights: checkParameters(model, folder.tensors), ...(weights.kind === 'adapter' ? { adapter: weights.adapter } : { tensor: weights.tensor }) };
    const generator = createGenerator(source, { threads: job.threads, maxBatch: 16 });
    made = { generator, tensors };
    return generator;
  };
  return {
    answer: async (moment) => {
      const generator = await generatorFor(moment);
      const answers = await generator.generateBatch({ prompts: questions.map((q) => q.ids), sampling, maxNewTokens: sampling.max_new_tokens, stopIds: questions[0]?.stopIds ?? [] });
      return answers.map((a, index) => describe(text, prompts[index] ?? '', index, a, sampling));
    },
    [Symbol.asyncDispose]: async () => { await made?.generator.dispose(); },
  };
}

function describe(text: ModelText, prompt: string, index: number, answer: { tokens: number[]; reason: TrainSample['reason'] }, sampling: Sampling): TrainSample {
  return { index, prompt, text: text.tokenizer.decode(answer.tokens, { skipSpecial: true }), tokens: answer.tokens.length, reason: answer.reason, seed: sampling.seed };
}
