/**
 * Fewer and larger kernels for programs that need no gradient: RMSNorm in one kernel, transpositions that move nothing (one token a row) as reshapes, chains of reshapes
 * as one. Decoding runs a thousand small nodes for each token, so their number is what it costs besides reading the weights.
 */

import { scalarOf } from '../node.ts';
import type { Graph, Node, Value } from '../node.ts';
import { opNamed } from '../op.ts';
import * as o from '../ops/index.ts';
import { rewrite } from '../rewrite.ts';
import { deadCode } from './dead-code.ts';

const through = (v: Value | undefined, op: string): Node | undefined => (v?.node?.op.name === op ? v.node : undefined);
const PAIRS = [[0, 1], [1, 0]] as const;

/** eps where `inverse` is 1 / sqrt(mean(x^2) + eps) over the last axis. */
function normEpsilon(inverse: Value | undefined, x: Value): number | undefined {
  const sum = through(through(through(inverse, 'reciprocal')?.inputs[0], 'sqrt')?.inputs[0], 'add');
  for (const [i, j] of PAIRS) {
    const eps = sum && scalarOf(sum.inputs[j] as Value);
    const mean = through(sum?.inputs[i], 'reduceMean');
    const square = through(mean?.inputs[0], 'mul');
    const { axes } = (mean?.params ?? {}) as { axes?: number[] };
    if (eps !== undefined && square?.inputs[0] === x && square.inputs[1] === x && axes?.length === 1 && axes[0] === x.shape.length - 1) return eps;
  }
  return undefined;
}

/** (x * inverse) * weight */
function norm(n: Node, inputs: readonly Value[], target: Graph): Value | undefined {
  if (n.op.name !== 'mul') return undefined;
  for (const [i, j] of PAIRS) {
    const scaled = through(inputs[i], 'mul');
    const weight = inputs[j] as Value;
    if (!scaled || weight.shape.length !== 1) continue;
    for (const [a, b] of PAIRS) {
      const x = scaled.inputs[a] as Value;
      const eps = x.shape.at(-1) === weight.shape[0] ? normEpsilon(scaled.inputs[b], x) : undefined;
      if (eps !== undefined) return target.apply(opNamed('rmsNormFused'), [x, weight], { eps })[0];
    }
  }
  return undefined;
}

/** A transposition that only moves axes of size one, or a reshape, of what may be a reshape itself. */
function reshaped(n: Node, inputs: readonly Value[]): Value | undefined {
  const x = inputs[0] as Value;
  const shape = (n.outputs[0] as Value).shape;
  if (n.op.name === 'transpose') {
    const moved = (n.params as { perm: number[] }).perm.filter(p => x.shape[p] !== 1);
    if (moved.some((p, i) => i > 0 && p < (moved[i - 1] as number))) return undefined;
  } else if (n.op.name !== 'reshape') return undefined;
  const source = through(x, 'reshape')?.inputs[0];
  if (n.op.name === 'reshape' && source === undefined) return undefined;
  return o.reshape(source ?? x, shape);
}

export function forInference(g: Graph): Graph {
  return deadCode(rewrite(g, (n, inputs, target) => {
    const made = norm(n, inputs, target) ?? reshaped(n, inputs);
    return made && [made];
  }));
}
