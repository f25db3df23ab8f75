/** Factories for element-wise ops: one or two operands, NumPy broadcasting. */

import { isFloat, shapeError } from '../dtype.ts';
import { mapNd, zipNd } from '../nd.ts';
import type { GradContext, Op, Sample, Saved } from '../op.ts';
import type { Value } from '../node.ts';
import type { Sampler } from '../sample.ts';
import { broadcastShapes, expectInputs, expectSameDtype } from '../shape.ts';

type None = Record<string, never>;

export interface UnarySpec {
  name: string; onnx: string; saves: readonly Saved[];
  f: (x: number) => number;
  grad?: (ctx: GradContext<None>, dy: Value) => Value | null;
  sample: (random: Sampler, shape: number[]) => Sample<None>['inputs'][number];
  tolerance?: number;
  flops?: number;
}

export function unaryOp(spec: UnarySpec): Op<None> {
  const { grad } = spec;
  return {
    name: spec.name,
    saves: spec.saves,
    infer(inputs) {
      expectInputs(inputs, 1, spec.name);
      const x = inputs[0]!;
      if (!isFloat(x.dtype) && !(spec.name === 'neg' || spec.name === 'abs')) throw shapeError(`${spec.name} needs a float tensor, got ${x.dtype}.`);
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    ...(grad ? { grad: (ctx: GradContext<None>, dy: Value) => [grad(ctx, dy)] } : {}),
    eval: inputs => [mapNd(inputs[0]!, spec.f)],
    lower(ctx) { ctx.node(spec.onnx, ctx.inputs, {}, ctx.outputs); },
    flops: inputs => inputs[0]!.shape.reduce((a, b) => a * b, spec.flops ?? 1),
    samples: random => [random.shape(), random.shape(), [3, 0, 2], []].map(shape => ({ inputs: [spec.sample(random, shape)], params: {} as None, ...(spec.tolerance ? { tolerance: spec.tolerance } : {}) })),
  };
}

export interface BinarySpec {
  name: string; onnx: string; saves: readonly Saved[];
  f: (a: number, b: number) => number;
  /** 'same' keeps the operands' type, 'bool' is for comparisons. */
  result: 'same' | 'bool';
  operands?: 'number' | 'bool';
  grad?: (ctx: GradContext<None>, dy: Value) => (Value | null)[];
  sample: (random: Sampler, shapes: number[][]) => Sample<None>['inputs'];
}

export function binaryOp(spec: BinarySpec): Op<None> {
  return {
    name: spec.name,
    saves: spec.saves,
    infer(inputs) {
      expectInputs(inputs, 2, spec.name);
      expectSameDtype(inputs, spec.name);
      const [a, b] = [inputs[0]!, inputs[1]!];
      if ((a.dtype === 'bool') !== (spec.operands === 'bool')) throw shapeError(`${spec.name} does not take ${a.dtype} tensors.`);
      return [{ dtype: spec.result === 'bool' ? 'bool' : a.dtype, shape: broadcastShapes(a.shape, b.shape, spec.name) }];
    },
    ...(spec.grad ? { grad: spec.grad } : {}),
    eval: inputs => [zipNd(inputs, spec.f as (...xs: number[]) => number)],
    lower(ctx) { ctx.node(spec.onnx, ctx.inputs, {}, ctx.outputs); },
    flops: (_, outputs) => outputs[0]!.shape.reduce((a, b) => a * b, 1),
    samples: random => [random.broadcastable(), random.broadcastable(), [[2, 3], [3]], [[1, 4], [3, 1]], [[2, 0], [1, 1]], [[], [2]]]
      .map(shapes => ({ inputs: spec.sample(random, shapes), params: {} as None })),
  };
}

export const twoReals = (random: Sampler, shapes: number[][]) => shapes.map(s => random.real(s));
