/** The sample prompts of a recipe: as token ids, and their answers as the run shows them. */
import type { Job } from '../protocol.ts';
import type { SampleMoment, TrainSample } from '../train/options.ts';
import { FixedAnswers } from './fixed-answers.ts';
import type { ModelText } from './model-text.ts';
import { conversationPrompt, textPrompt } from './prompt-ids.ts';

/** null when the recipe asks for none. A prompt goes through the chat template where there is one. */
export function sampleAnswers(job: Job, text: ModelText): FixedAnswers | null {
  const { prompts, sampling } = job.recipe.samples;
  if (prompts.length === 0) return null;
  const questions = prompts.map((prompt) => (text.template === null ? textPrompt(text, prompt) : conversationPrompt(text, [{ role: 'user', content: prompt }])));
  return new FixedAnswers(job, { prompts: questions.map((q) => q.ids), stopIds: questions[0]?.stopIds ?? [], sampling });
}

export async function samplesAt(answers: FixedAnswers, job: Job, text: ModelText, moment: SampleMoment): Promise<TrainSample[]> {
  const { prompts, sampling } = job.recipe.samples;
  return (await answers.at(moment)).map((a, index): TrainSample => ({ index, prompt: prompts[index] ?? '', text: text.tokenizer.decode(a.tokens, { skipSpecial: true }), tokens: a.tokens.length, reason: a.reason, seed: sampling.seed }));
}
