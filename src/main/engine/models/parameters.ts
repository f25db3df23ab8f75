/** Binds a family's parameter table to the tensors of a model folder: checks names and shapes once, then gives graph weights that read straight from the file, or float32 copies. */

import { AnnealError } from '../../../shared/errors.ts';
import type { DType, Graph, Value } from '../graph/node.ts';
import { asReal } from '../graph/ops/index.ts';
import type { TensorTable } from '../io/model-weights.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { readTensorFloats } from '../io/tensor-read.ts';
import type { ParameterSpec } from './family.ts';
import type { ParsedModel } from './index.ts';

const FLOAT_TYPES: Partial<Record<TensorEntry['dtype'], DType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16', F64: 'float64' };

/** Checks that every parameter is there with its shape and a float type. Throws `tensor-missing`, `tensor-shape`, `tensor-dtype`. Tensors that the family does not know are ignored; those named `optional` may be missing. */
export function checkParameters(model: ParsedModel, tensors: TensorTable, optional: readonly string[] = []): Map<string, TensorEntry> {
  const bound = new Map<string, TensorEntry>();
  for (const spec of model.family.parameters(model.config)) {
    const entry = findTensor(model, tensors, spec.name);
    if (entry === undefined && optional.includes(spec.name)) continue;
    if (entry === undefined) throw new AnnealError('tensor-missing', `The weights have no tensor "${spec.name}", which a ${model.family.id} model of this config.json needs; config and weights do not belong together.`, { tensor: spec.name });
    if (entry.shape.length !== spec.shape.length || entry.shape.some((d, i) => d !== spec.shape[i])) throw new AnnealError('tensor-shape', `Tensor "${spec.name}" has shape [${entry.shape.join(', ')}] but config.json asks for [${spec.shape.join(', ')}]; config and weights do not belong together.`, { tensor: spec.name });
    if (FLOAT_TYPES[entry.dtype] === undefined) throw new AnnealError('tensor-dtype', `Tensor "${spec.name}" holds ${entry.dtype} values where floating-point weights are needed.`, { tensor: spec.name, dtype: entry.dtype });
    bound.set(spec.name, entry);
  }
  return bound;
}

/** A parameter under its own name or one of those that other writers give it. */
function findTensor({ family }: ParsedModel, tensors: TensorTable, name: string): TensorEntry | undefined {
  const names = [name, name.replace(/^(model|transformer)\./, ''), ...(family.otherNames?.(name) ?? [])];
  return names.map((n) => tensors.get(n)).find((entry) => entry !== undefined);
}

/** `parameter` of a ForwardContext over frozen file weights, each made once per graph and cast to the graph's real type. */
export function fileParameters(graph: Graph, bound: ReadonlyMap<string, TensorEntry>): (name: string) => Value {
  const made = new Map<string, Value>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const entry = bound.get(name);
    if (entry === undefined) throw new AnnealError('tensor-missing', `The weights have no tensor "${name}".`, { tensor: name });
    const value = asReal(graph.weight(name, entry.shape, FLOAT_TYPES[entry.dtype]!, { kind: 'file', path: entry.path, offset: entry.offset, byteLength: entry.byteLength }));
    made.set(name, value);
    return value;
  };
}

/** All parameters as float32 in one flat vector, in the order of the family's table. */
export function readParameters(specs: readonly ParameterSpec[], bound: ReadonlyMap<string, TensorEntry>): Float32Array {
  const flat = new Float32Array(parameterCount(specs));
  let offset = 0;
  for (const spec of specs) {
    const data = readTensorFloats(bound.get(spec.name)!);
    flat.set(data, offset);
    offset += data.length;
  }
  return flat;
}

export function parameterCount(specs: readonly ParameterSpec[]): number {
  return specs.reduce((n, s) => n + s.shape.reduce((a, b) => a * b, 1), 0);
}
