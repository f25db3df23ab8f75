/**
 * float16 where it is safe and pays: matrix products, and what only moves or combines their results. Everything else stays float32: norms, softmax, logarithms, sums, losses, rotary
 * positions, the residual stream (a sum of float16 and float32 is float32), and all inputs and outputs of the program, so that master values and gradients are float32. The rule of
 * mixed precision training (Micikevicius et al., 2018); the scale of the loss is the caller's (train/loss-scale).
 */

import { isFloat, sameShape, toFloat64 } from '../dtype.ts';
import type { DType } from '../dtype.ts';
import { Graph } from '../node.ts';
import type { Value } from '../node.ts';
import * as o from '../ops/index.ts';
import { verify } from '../verify.ts';
import { deadCode } from './dead-code.ts';

const PRODUCTS = new Set(['matmul', 'gemm']);
/** float16 if all their float inputs are. */
const FOLLOWERS = new Set(['add', 'sub', 'mul', 'neg', 'reshape', 'transpose', 'slice', 'concat', 'expand', 'pad', 'gather', 'where', 'silu', 'sigmoid', 'stopGradient']);
const LARGEST = 65504, SMALLEST = 2 ** -14;

/** A number of the program that float16 holds as a normal number: it takes the type of its partner. */
function flexible(v: Value): boolean {
  if (v.source?.kind !== 'constant' || v.dtype !== 'float32' || v.source.data.length !== 1) return false;
  const x = Math.abs(toFloat64(v.dtype, v.source.data)[0]!);
  return x === 0 || (x >= SMALLEST && x <= LARGEST);
}

export function halfPrecision(g: Graph): Graph {
  const target = new Graph({ real: g.real });
  const mapped = new Map<Value, Value>();
  const casts = new Map<Value, Value>();
  const as = (v: Value, dtype: DType): Value => {
    if (v.dtype === dtype || !isFloat(v.dtype)) return v;
    if (v.source?.kind === 'constant' && dtype === 'float16' && v.source.data.length === 1) return target.constant([toFloat64(v.dtype, v.source.data)[0]!], v.shape, dtype);
    // Back to what it was rounded from: the exact value is nearer than its rounding.
    const exact = v.node?.op.name === 'cast' && v.node.inputs[0]!.dtype === dtype ? v.node.inputs[0]! : undefined;
    const made = exact ?? casts.get(v) ?? o.cast(v, dtype);
    casts.set(v, made);
    return made;
  };
  for (const v of g.values) {
    if (v.source?.kind === 'input') mapped.set(v, target.input(v.name!, v.shape, v.dtype));
    else if (v.source?.kind === 'weight') mapped.set(v, target.weight(v.name!, v.shape, v.dtype, v.source.weight));
    else if (v.source?.kind === 'constant') mapped.set(v, target.constant(v.source.data, v.shape, v.dtype));
  }
  for (const n of g.nodes) {
    const inputs = n.inputs.map((v) => mapped.get(v)!);
    const half = n.outputs.every((v) => v.dtype === 'float32') && (PRODUCTS.has(n.op.name) || (FOLLOWERS.has(n.op.name) && follows(inputs)));
    target.mark(n.segment, n.backward, () => {
      // Only what was float32 changes its type: float64 and stored 16-bit weights are what they are.
      const typed = inputs.map((v, i) => (n.inputs[i]!.dtype === 'float32' ? as(v, half ? 'float16' : 'float32') : v));
      const results = target.apply(n.op, typed, n.params);
      n.outputs.forEach((v, i) => {
        if (!sameShape(v.shape, results[i]!.shape)) throw new RangeError(`${n.op.name} changed its shape`);
        mapped.set(v, results[i]!);
      });
    });
  }
  for (const [name, v] of g.outputs) target.output(name, as(mapped.get(v)!, v.dtype));
  verify(target);
  return deadCode(target);
}

function follows(inputs: readonly Value[]): boolean {
  const floats = inputs.filter((v) => isFloat(v.dtype) && !flexible(v));
  return floats.length > 0 && floats.every((v) => v.dtype === 'float16');
}
