/** What a kernel is: one op of the graph in calls of tfjs. It runs inside a tidy, so what it makes besides its results is freed. */

import type { Node } from '../../graph/node.ts';
import type { Tensor, Tf } from '../tf.ts';

export interface KernelContext {
  readonly tf: Tf;
  readonly node: Node;
  /** Shape of the first result. */
  readonly shape: number[];
}
/** One tensor, or one for each result of the op. No tensor is empty: results without elements are made without a kernel. */
export type Kernel = (inputs: readonly Tensor[], ctx: KernelContext) => Tensor | Tensor[];

/** Parameters of the node as its op declares them. */
export const paramsOf = <P>(ctx: KernelContext): P => ctx.node.params as P;
