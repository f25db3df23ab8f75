/** All composite functions: plain functions over primitives. samples.ts beside it feeds them to the harness. */
export { clamp, gegluTanh, gelu, geluTanh, logSigmoid, relu, square, swiglu } from './activation.ts';
export { MASKED, attention } from './attention.ts';
export type { AttentionInputs } from './attention.ts';
export { crossEntropyRows, rowLogProbs } from './cross-entropy.ts';
export type { RowScores, ScoreOptions } from './cross-entropy.ts';
export { linear } from './linear.ts';
export { argmaxHits, entropy, logSoftmax, logSumExp, tokenLogProbs } from './log-prob.ts';
export { layerNorm, rmsNorm } from './norm.ts';
export { customGrad, rope, silu, softmax } from '../ops/index.ts';
