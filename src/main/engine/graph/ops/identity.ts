/** Ops that pass their first input: stopGradient cuts the gradient, barrier fixes an order, customGrad carries a gradient of its own. */
import { graphError, type DType } from '../dtype.ts';
import { ONNX_TYPE } from '../onnx-type.ts';
import type { LowerContext, Op } from '../op.ts';
import { expectInputs } from '../shape.ts';

export const stopGradient: Op<Record<string, never>> = {
  name: 'stopGradient', saves: [],
  infer(inputs) { expectInputs(inputs, 1, 'stopGradient'); return [{ dtype: inputs[0]!.dtype, shape: inputs[0]!.shape }]; },
  grad: () => [null],
  eval: inputs => [inputs[0]!],
  lower(ctx) { ctx.node('Identity', ctx.inputs, {}, ctx.outputs); },
  samples: random => [{ inputs: [random.real(random.shape())], params: {} }],
};

/**
 * x, available only after the other inputs. ORT orders nodes by data alone, so the dependency is made of data: a zero computed from one element of each
 * tensor (d < d is false, also for NaN) is added to x. Without it recomputed activations are all produced at once and nothing is saved (measured).
 */
export const barrier: Op<Record<string, never>> = {
  name: 'barrier', saves: [],
  infer(inputs) {
    if (inputs.length < 2) throw graphError('barrier needs a tensor and at least one tensor to wait for.');
    return [{ dtype: inputs[0]!.dtype, shape: inputs[0]!.shape }];
  },
  grad: ({ inputs }, dy) => [dy, ...inputs.slice(1).map(() => null)],
  eval: inputs => [inputs[0]!],
  lower(ctx) {
    const [, ...waits] = ctx.inputs;
    const type = ctx.inputTypes[0]!;
    const zero = ctx.shared(`zero after ${waits.join()} as ${type.dtype}, rank ${type.shape.length}`, () => zeroAfter(ctx, waits, type.dtype));
    ctx.node('Add', [ctx.inputs[0]!, type.shape.length > 0 ? zero : ctx.node('Reshape', [zero, ctx.constant('int64', [0], [])])[0]!], {}, ctx.outputs);
  },
  samples: random => [
    { inputs: [random.real([2, 3]), random.real([4])], params: {} }, { inputs: [random.real([]), random.real([2, 2])], params: {} },
    { inputs: [random.real([3]), random.real([2]), random.real([]), random.real([1, 2])], params: {} },
  ],
};

/** A zero of one element made from the first element of every tensor to wait for; its rank is theirs where they agree and x has as many axes, else 1. */
function zeroAfter(ctx: LowerContext<object>, waits: readonly string[], dtype: DType): string {
  const constant = (ks: readonly number[]) => ctx.constant('int64', [ks.length], ks);
  const [x, ...types] = ctx.inputTypes;
  const rank = types[0]!.shape.length;
  const level = rank > 0 && rank <= x!.shape.length && types.every(t => t.shape.length === rank);
  const axes = Array.from({ length: level ? rank : 1 }, (_, axis) => axis);
  const cast = { to: { int: ONNX_TYPE[dtype] } };
  const elements = waits.map((name, i) => {
    const flat = level || types[i]!.shape.length === 1 ? name : ctx.node('Reshape', [name, constant([-1])])[0]!;
    const first = ctx.node('Slice', [flat, constant(axes.map(() => 0)), constant(axes.map(() => 1)), constant(axes)])[0]!;
    return types[i]!.dtype === dtype ? first : ctx.node('Cast', [first], cast)[0]!;
  });
  const joined = elements.length === 1 ? elements[0]! : ctx.node('Concat', elements, { axis: { int: 0 } })[0]!;
  const zeros = ctx.node('Cast', ctx.node('Less', [joined, joined]), cast)[0]!;
  return elements.length === 1 ? zeros : ctx.node('ReduceSum', [zeros, constant([0])], { keepdims: { int: 1 } })[0]!;
}

/** The first `results` inputs are passed on; the rest are the tensors that receive gradients. The rule lives in graph.customBackward under the id of the first output. */
export const customGrad: Op<{ results: number }> = {
  name: 'customGrad', saves: [],
  infer: (inputs, { results }) => inputs.slice(0, results).map(t => ({ dtype: t.dtype, shape: t.shape })),
  grad({ graph, outputs, params, needs, dys }) {
    const backward = graph.customBackward.get(outputs[0]!.id);
    if (!backward) throw graphError('A custom gradient was lost: differentiate before running other passes.');
    return [...outputs.map(() => null), ...backward(dys, needs.slice(params.results))];
  },
  eval: (inputs, { results }) => inputs.slice(0, results),
  lower(ctx) { ctx.outputs.forEach((o, i) => { ctx.node('Identity', [ctx.inputs[i]!], {}, [o]); }); },
  samples: () => [],
};
export const identities = new Set([stopGradient.name, customGrad.name]);
