/** Text generation from compiled programs. */
export { createGenerator } from './generator.ts';
export type { EndCause, EndReason, Generated, GenerateEvent, GenerateRequest, Generator, GeneratorOptions } from './generator.ts';
export type { GenerationSource } from './live-weights.ts';
export { AnswerScorer } from './score-answers.ts';
export type { AnsweredPrompt, AnswerScore } from './score-answers.ts';
export { distribution, sampleToken, topLogprobs } from './sampler.ts';
export type { SamplerSettings } from './sampler.ts';
export { fitPrompt } from './fit-prompt.ts';
export { Constraint, grammarOf } from './grammar/index.ts';
export type { Vocabulary } from './grammar/index.ts';
export { StopFilter, cutAtStrings, stopAtStrings } from './stop-strings.ts';
