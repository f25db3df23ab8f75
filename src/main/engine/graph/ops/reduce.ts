/** Sum, mean and maximum over axes, and the index of the maximum. */
import { dims, shapeError } from '../dtype.ts';
import type { TensorType } from '../dtype.ts';
import * as e from '../emit.ts';
import { mapNd, nd, reduceNd } from '../nd.ts';
import type { Nd } from '../nd.ts';
import type { GradContext, Op } from '../op.ts';
import type { Value } from '../node.ts';
import type { Sampler } from '../sample.ts';
import { expectInputs, stridesOf } from '../shape.ts';

export interface ReduceParams { axes: number[]; keepDims: boolean }

const kept = (shape: readonly number[], axes: readonly number[]): number[] => shape.map((d, i) => (axes.includes(i) ? 1 : d));
const reduced = (shape: readonly number[], { axes, keepDims }: ReduceParams): number[] => (keepDims ? kept(shape, axes) : shape.filter((_, i) => !axes.includes(i)));

interface ReduceSpec {
  name: string; onnx: string; saves: Op['saves'];
  eval: (x: Nd, axes: readonly number[]) => Nd;
  /** dy comes with kept axes. */
  grad: (ctx: GradContext<ReduceParams>, dy: Value) => Value;
  sample: (random: Sampler, shape: number[]) => ReturnType<Sampler['real']>;
}

function reduceOp(spec: ReduceSpec): Op<ReduceParams> {
  return {
    name: spec.name, saves: spec.saves,
    infer(inputs, params) {
      expectInputs(inputs, 1, spec.name);
      const { shape, dtype } = inputs[0]!;
      if (params.axes.some(a => a < 0 || a >= shape.length)) throw shapeError(`${spec.name}: axes ${dims(params.axes)} are outside ${dims(shape)}.`);
      return [{ dtype, shape: reduced(shape, params) }];
    },
    grad: (ctx, dy) => [spec.grad(ctx, e.reshape(dy, kept(ctx.inputs[0]!.shape, ctx.params.axes)))],
    eval: (inputs, params) => [nd(reduced(inputs[0]!.shape, params), spec.eval(inputs[0]!, params.axes).data)],
    lower(ctx) { ctx.node(spec.onnx, [ctx.inputs[0]!, ctx.constant('int64', [ctx.params.axes.length], ctx.params.axes)], { keepdims: { int: Number(ctx.params.keepDims) } }, ctx.outputs); },
    flops: inputs => inputs[0]!.shape.reduce((a, b) => a * b, 1),
    samples: random => [
      { inputs: [spec.sample(random, [2, 3, 4])], params: { axes: [2], keepDims: true } }, { inputs: [spec.sample(random, [2, 3, 4])], params: { axes: [0, 2], keepDims: false } },
      { inputs: [spec.sample(random, [5])], params: { axes: [0], keepDims: false } }, { inputs: [spec.sample(random, random.shape(3))], params: { axes: [1], keepDims: random.next() < 0.5 } },
    ],
  };
}
const countAlong = (x: TensorType | Nd, axes: readonly number[]): number => axes.reduce((n, a) => n * x.shape[a]!, 1);

export const reduceSum = reduceOp({
  name: 'reduceSum', onnx: 'ReduceSum', saves: [], eval: (x, axes) => reduceNd(x, axes, 0, (a, b) => a + b),
  grad: ({ inputs }, dy) => e.expand(dy, inputs[0]!.shape), sample: (random, shape) => random.real(shape),
});

export const reduceMean = reduceOp({
  name: 'reduceMean', onnx: 'ReduceMean', saves: [], eval: (x, axes) => mapNd(reduceNd(x, axes, 0, (a, b) => a + b), s => s / countAlong(x, axes)),
  grad: ({ inputs, params }, dy) => e.expand(e.mul(dy, 1 / countAlong(inputs[0]!, params.axes)), inputs[0]!.shape), sample: (random, shape) => random.real(shape),
});

/** Ties share the gradient equally. */
export const reduceMax = reduceOp({
  name: 'reduceMax', onnx: 'ReduceMax', saves: ['in0', 'out0'], eval: (x, axes) => reduceNd(x, axes, -Infinity, (a, b) => (Number.isNaN(b) || b > a ? b : a)),
  grad({ inputs, outputs, params }, dy) {
    const x = inputs[0]!;
    const hit = e.cast(e.equal(x, e.reshape(outputs[0]!, kept(x.shape, params.axes))), x.dtype);
    return e.mul(hit, e.div(dy, e.reduceSum(hit, params.axes, true)));
  },
  sample: (random, shape) => random.distinct(shape),
});

export const argmax: Op<{ axis: number }> = {
  name: 'argmax', saves: [],
  infer(inputs, { axis }) { expectInputs(inputs, 1, 'argmax'); return [{ dtype: 'int64', shape: inputs[0]!.shape.filter((_, i) => i !== axis) }]; },
  eval(inputs, { axis }) {
    const x = inputs[0]!;
    const [size, inner] = [x.shape[axis]!, stridesOf(x.shape)[axis]!];
    const out = nd(x.shape.filter((_, i) => i !== axis));
    for (let k = 0; k < out.data.length; k++) {
      const base = Math.floor(k / inner) * inner * size + (k % inner);
      for (let j = 1; j < size; j++) if (x.data[base + j * inner]! > x.data[base + out.data[k]! * inner]!) out.data[k] = j;
    }
    return [out];
  },
  lower(ctx) { ctx.node('ArgMax', ctx.inputs, { axis: { int: ctx.params.axis }, keepdims: { int: 0 } }, ctx.outputs); },
  samples: random => [{ inputs: [random.distinct([3, 4])], params: { axis: 1 } }, { inputs: [random.distinct([3, 4, 2])], params: { axis: 1 } }, { inputs: [{ ...random.ints([6, 4], 2), dtype: 'real' }], params: { axis: 1 } }],
};
