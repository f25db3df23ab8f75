/** Text generation from compiled programs. */
export { createGenerator } from './generator.ts';
export type { EndReason, Generated, GenerateEvent, GenerateRequest, Generator, GeneratorOptions } from './generator.ts';
export type { GenerationSource } from './live-weights.ts';
export { sampleToken } from './sampler.ts';
export type { SamplerSettings } from './sampler.ts';
export { cutAtStrings, stopAtStrings } from './stop-strings.ts';
