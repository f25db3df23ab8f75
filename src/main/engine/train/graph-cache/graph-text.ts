/** A graph after all its passes as JSON and back: the same values in the same order, so that what is written from it is the same byte for byte. Weights must lie in files. */

import { viewBytes } from '../../graph/dtype.ts';
import type { DType, Real } from '../../graph/dtype.ts';
import { Graph } from '../../graph/node.ts';
import type { Node, Value } from '../../graph/node.ts';
import { opNamed } from '../../graph/op.ts';
import '../../graph/ops/index.ts';

type Item =
  | ['i', string, DType, readonly number[]]
  | ['w', string, DType, readonly number[], string, number, number]
  | ['c', DType, readonly number[], string]
  /** Op, inputs, parameters, segment (-1: none), backward. Numbers count in the tables. */
  | [number, readonly number[], number, number, 0 | 1];
interface GraphText { real: Real; ops: string[]; params: string[]; segments: string[]; items: Item[]; outputs: [string, number][] }

class Table {
  readonly rows: string[] = [];
  readonly #places = new Map<string, number>();
  place(row: string): number {
    const found = this.#places.get(row);
    if (found !== undefined) return found;
    this.#places.set(row, this.rows.length);
    return this.rows.push(row) - 1;
  }
}

/** Null for a graph that holds weights in memory, or gradients of its own that were not differentiated yet: those are not kept. */
export function graphText(g: Graph): string | null {
  const [ops, params, segments] = [new Table(), new Table(), new Table()];
  const items: Item[] = [];
  let last: Node | undefined;
  for (const v of g.values) {
    if (v.node !== undefined) {
      if (v.node === last) continue;
      last = v.node;
      if (last.op.name === 'customGrad') return null;
      items.push([ops.place(last.op.name), last.inputs.map((x) => x.id), params.place(JSON.stringify(last.params)), last.segment === undefined ? -1 : segments.place(last.segment), last.backward ? 1 : 0]);
      continue;
    }
    const s = v.source!;
    if (s.kind === 'input') items.push(['i', v.name!, v.dtype, v.shape]);
    else if (s.kind === 'constant') items.push(['c', v.dtype, v.shape, Buffer.from(s.data.buffer, s.data.byteOffset, s.data.byteLength).toString('base64')]);
    else if (s.weight.kind === 'file') items.push(['w', v.name!, v.dtype, v.shape, s.weight.path, s.weight.offset, s.weight.byteLength]);
    else return null;
  }
  return JSON.stringify({ real: g.real, ops: ops.rows, params: params.rows, segments: segments.rows, items, outputs: [...g.outputs].map(([name, v]) => [name, v.id]) } satisfies GraphText);
}

/** Each op checks its inputs again. Throws for text that is not a graph. */
export function graphFromText(text: string): Graph {
  const { real, ops, params, segments, items, outputs } = JSON.parse(text) as GraphText;
  const g = new Graph({ real });
  const kinds = ops.map(opNamed);
  const settings = params.map((p) => JSON.parse(p) as object);
  const value = (id: number): Value => {
    const found = g.values[id];
    if (found === undefined) throw new RangeError(`a graph reads value ${id} before it exists`);
    return found;
  };
  for (const item of items) {
    if (item[0] === 'i') g.input(item[1], item[3], item[2]);
    else if (item[0] === 'w') g.weight(item[1], item[3], item[2], { kind: 'file', path: item[4], offset: item[5], byteLength: item[6] });
    else if (item[0] === 'c') g.constant(viewBytes(item[1], Uint8Array.from(Buffer.from(item[3], 'base64'))), item[2], item[1]);
    else {
      const [op, inputs, setting, segment, backward] = item;
      g.mark(segment < 0 ? undefined : segments[segment], backward === 1, () => g.apply(kinds[op]!, inputs.map(value), settings[setting]!));
    }
  }
  for (const [name, id] of outputs) g.output(name, value(id));
  return g;
}
