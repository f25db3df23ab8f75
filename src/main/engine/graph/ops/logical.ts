/** Logic on bool tensors. */
import { shapeError } from '../dtype.ts';
import { mapNd } from '../nd.ts';
import type { Op } from '../op.ts';
import type { Sampler } from '../sample.ts';
import { expectInputs } from '../shape.ts';
import { binaryOp } from './elementwise.ts';

const twoBools = (random: Sampler, shapes: number[][]) => shapes.map(s => random.bools(s));
export const logicalAnd = binaryOp({ name: 'logicalAnd', onnx: 'And', saves: [], result: 'bool', operands: 'bool', f: (a, b) => a && b, sample: twoBools });
export const logicalOr = binaryOp({ name: 'logicalOr', onnx: 'Or', saves: [], result: 'bool', operands: 'bool', f: (a, b) => a || b, sample: twoBools });

export const logicalNot: Op<Record<string, never>> = {
  name: 'logicalNot', saves: [],
  infer(inputs) {
    expectInputs(inputs, 1, 'logicalNot');
    if (inputs[0]!.dtype !== 'bool') throw shapeError(`logicalNot needs a bool tensor, got ${inputs[0]!.dtype}.`);
    return [{ dtype: 'bool', shape: inputs[0]!.shape }];
  },
  eval: inputs => [mapNd(inputs[0]!, x => (x ? 0 : 1))],
  lower(ctx) { ctx.node('Not', ctx.inputs, {}, ctx.outputs); },
  samples: random => [{ inputs: [random.bools(random.shape())], params: {} }],
};
