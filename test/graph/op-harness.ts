/** Builds one-op graphs from samples, and compares executor, interpreter and central differences. Shared by the op and composite tests. */

import { toFloat64, toTyped } from '../../src/main/engine/graph/dtype.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import type { Nd } from '../../src/main/engine/graph/nd.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import type { Real, TypedArray, Value } from '../../src/main/engine/graph/node.ts';
import type { Op, Sample, SampleInput } from '../../src/main/engine/graph/op.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';

export type Build = (g: Graph, inputs: Value[]) => Value[];

export interface Built { graph: Graph; inputs: Value[]; outputs: Value[]; feeds: Record<string, TypedArray> }

/** A graph with inputs x0, x1, ... and outputs y0, y1, ... */
export function buildCase(samples: readonly SampleInput[], build: Build, real: Real): Built {
  const graph = new Graph({ real });
  const feeds: Record<string, TypedArray> = {};
  const inputs = samples.map((s, i) => {
    const dtype = s.dtype === 'real' ? real : s.dtype;
    feeds[`x${i}`] = toTyped(dtype, s.data);
    return graph.input(`x${i}`, s.shape, dtype);
  });
  const outputs = build(graph, inputs);
  outputs.forEach((o, i) => graph.output(`y${i}`, o));
  return { graph, inputs, outputs, feeds };
}

export const opBuild = (op: Op, sample: Sample): Build => (g, inputs) => g.apply(op, inputs, sample.params);

/** Largest |a - b| relative to the largest |b| (at least `floor`). NaN counts as infinite. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-3): number {
  let worst = 0;
  let scale = floor;
  for (let i = 0; i < b.length; i++) scale = Math.max(scale, Math.abs(b[i] as number));
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs((a[i] as number) - (b[i] as number));
    worst = Math.max(worst, Number.isNaN(d) ? Infinity : d / scale);
  }
  return a.length === b.length ? worst : Infinity;
}

/** Runs the graph in onnxruntime and gives every output's distance from the interpreter. */
export async function executorDistance(built: Built): Promise<{ name: string; distance: number; shape: readonly number[] }[]> {
  const expected = interpret(built.graph, built.feeds);
  const program = await compile(built.graph, { threads: 1 });
  try {
    const got = await program.run(built.feeds);
    return Object.entries(expected).map(([name, e]) => {
      const r = got[name];
      return { name, shape: r?.shape ?? [], distance: r ? distance(toFloat64(r.dtype, r.data), e.data) : Infinity };
    });
  } finally { await program.dispose(); }
}

/** Worst relative error between the analytic gradient and central differences in float64, over all elements of all real inputs. */
export function gradientError(samples: readonly SampleInput[], build: Build, gradients: (loss: Value, wrt: readonly Value[], seed?: Value) => Value[], pick: (i: number) => boolean = () => true): number {
  const built = buildCase(samples, build, 'float64');
  const real = built.inputs.filter((v, i) => v.dtype === 'float64' && pick(i));
  const y = built.outputs[0] as Value;
  const seedData = Float64Array.from({ length: y.shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.cos(1 + 2 * i));
  const seed = built.graph.input('seed', y.shape, 'float64');
  gradients(y, real, seed).forEach((d, i) => built.graph.output(`d${i}`, d));
  const run = (feeds: Record<string, TypedArray>): Record<string, Nd> => interpret(built.graph, { ...feeds, seed: seedData });
  const analytic = run(built.feeds);
  const dot = (r: Record<string, Nd>): number => (r['y0'] as Nd).data.reduce((s, v, i) => s + v * (seedData[i] as number), 0);
  let worst = 0;
  real.forEach((x, k) => {
    const data = built.feeds[x.name as string] as Float64Array;
    const numeric = data.map((value, i) => {
      const h = 1e-5;
      const at = (v: number): number => { const moved = data.slice(); moved[i] = v; return dot(run({ ...built.feeds, [x.name as string]: moved })); };
      // Five points: the error of the difference itself is of fourth order.
      return (8 * (at(value + h) - at(value - h)) - (at(value + 2 * h) - at(value - 2 * h))) / (12 * h);
    });
    worst = Math.max(worst, distance((analytic[`d${k}`] as Nd).data, numeric, 1));
  });
  return worst;
}
