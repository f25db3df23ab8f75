/** The registry of primitives. Importing this file fills the op table; it also re-exports the builder functions. */
import { registerOps } from '../op.ts';
import type { Op } from '../op.ts';
import { abs } from './abs.ts';
import { add } from './add.ts';
import { cast } from './cast.ts';
import { equal, greater, greaterEqual, less, lessEqual } from './compare.ts';
import { concat } from './concat.ts';
import { div } from './div.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { expand } from './expand.ts';
import { maximum, minimum } from './extremum.ts';
import { cachedAttention } from './fused/cached-attention.ts';
import { gemm } from './fused/gemm.ts';
import { matmulBits } from './fused/matmul-bits.ts';
import { rmsNormFused } from './fused/rms-norm.ts';
import { skipNorm } from './fused/skip-norm.ts';
import { gather } from './gather.ts';
import { barrier, customGrad, stopGradient } from './identity.ts';
import { log } from './log.ts';
import { logicalAnd, logicalNot, logicalOr } from './logical.ts';
import { matmul } from './matmul.ts';
import { matmul4 } from './matmul4.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { quantizeRows } from './quantize-rows.ts';
import { quantizedMatmul } from './quantized-matmul.ts';
import { reciprocal } from './reciprocal.ts';
import { argmax, reduceMax, reduceMean, reduceSum } from './reduce.ts';
import { reshape } from './reshape.ts';
import { rope } from './rope.ts';
import { scatterAdd } from './scatter-add.ts';
import { sigmoid } from './sigmoid.ts';
import { silu } from './silu.ts';
import { pad, slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { softplus } from './softplus.ts';
import { sqrt } from './sqrt.ts';
import { sub } from './sub.ts';
import { putAlong, takeAlong } from './take-along.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';
import { cos, sin } from './trig.ts';
import { where } from './where.ts';

export const ops: readonly Op[] = [
  add, sub, mul, div, maximum, minimum,
  greater, greaterEqual, less, lessEqual, equal, logicalAnd, logicalOr, logicalNot,
  neg, exp, log, sqrt, reciprocal, tanh, sigmoid, softplus, silu, erf, abs, sin, cos,
  where, cast, matmul, matmul4, quantizeRows, quantizedMatmul, transpose, reshape, expand, slice, pad, concat,
  gather, scatterAdd, takeAlong, putAlong, reduceSum, reduceMean, reduceMax, argmax,
  softmax, rope, stopGradient, barrier, customGrad,
];

/** Ops that only passes introduce; the harness tests them like the others, without a gradient. */
export const fusedOps: readonly Op[] = [gemm, rmsNormFused, skipNorm, matmulBits, cachedAttention];
registerOps([...ops, ...fusedOps]);

export * from '../emit.ts';
