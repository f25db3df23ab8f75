/** The passes, and the order in which a program goes through them. */

import type { Graph } from '../node.ts';
import { cse } from './cse.ts';
import { deadCode } from './dead-code.ts';
import { forDecoding } from './decoding.ts';
import { fold } from './fold.ts';
import { forWebgpu } from './for-webgpu.ts';
import { fuse } from './fuse.ts';
import { forInference } from './inference.ts';
import { recompute, type RecomputeLevel } from './recompute.ts';

export { gradients } from './autodiff.ts';
export { cse, deadCode, fold, forDecoding, forInference, forWebgpu, fuse, recompute };

/** Everything between building a graph and writing it. `recompute` trades time for memory: `true` in all that a segment computes, a level in less of it, labels in some segments. */
export function optimize(g: Graph, options: { recompute?: boolean | RecomputeLevel | ReadonlySet<string> } = {}): Graph {
  const simple = deadCode(cse(fold(deadCode(fold(g)))));
  const { recompute: again = false } = options;
  return fuse(again === false ? simple : recompute(simple, typeof again === 'object' ? again : undefined, typeof again === 'string' ? again : 'all'));
}
