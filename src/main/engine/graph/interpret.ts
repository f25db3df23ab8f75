/** The oracle: runs a graph in float64, one op after the other, in plain loops. Slow and simple; kept forever beside the executor. */

import { closeSync, openSync, readSync } from 'node:fs';
import { dims, elementCount, graphError, toFloat64, viewBytes } from './dtype.ts';
import type { TypedArray } from './dtype.ts';
import type { Graph, Node, Value } from './node.ts';
import { nd } from './nd.ts';
import type { Nd } from './nd.ts';

export function readWeight(v: Value): TypedArray {
  if (v.source?.kind !== 'weight') throw graphError('Not a weight.');
  const w = v.source.weight;
  if (w.kind === 'data') return w.data;
  const bytes = new Uint8Array(w.byteLength);
  const file = openSync(w.path, 'r');
  try {
    for (let done = 0; done < bytes.length;) {
      const got = readSync(file, bytes, done, bytes.length - done, w.offset + done);
      if (got === 0) throw graphError(`Weight "${v.name}" reaches past the end of its file.`);
      done += got;
    }
  } finally { closeSync(file); }
  return viewBytes(v.dtype, bytes);
}

export type Feeds = Record<string, TypedArray | readonly number[]>;

/** All named outputs as float64 (bool as 0 and 1). `trace` sees every node with its results. */
export function interpret(g: Graph, feeds: Feeds = {}, trace?: (node: Node, results: readonly Nd[]) => void): Record<string, Nd> {
  const env = new Map<Value, Nd>();
  const load = (v: Value): Nd => {
    const s = v.source;
    if (s?.kind === 'constant') return nd(v.shape, toFloat64(v.dtype, s.data));
    if (s?.kind === 'weight') return nd(v.shape, toFloat64(v.dtype, readWeight(v)));
    const fed = v.name === undefined ? undefined : feeds[v.name];
    if (!fed) throw graphError(`Input "${v.name}" was not fed.`);
    if (fed.length !== elementCount(v.shape)) throw graphError(`Input "${v.name}" has shape ${dims(v.shape)} but ${fed.length} elements were fed.`);
    return nd(v.shape, ArrayBuffer.isView(fed) ? toFloat64(v.dtype, fed) : Float64Array.from(fed));
  };
  const get = (v: Value): Nd => {
    let found = env.get(v);
    if (!found && v.source) env.set(v, found = load(v));
    if (!found) throw graphError(`Value %${v.id} was read before it was computed.`);
    return found;
  };
  for (const n of g.nodes) {
    const results = n.op.eval(n.inputs.map(get), n.params);
    n.outputs.forEach((o, i) => env.set(o, results[i] as Nd));
    trace?.(n, results);
  }
  return Object.fromEntries([...g.outputs].map(([name, v]) => [name, get(v)]));
}
