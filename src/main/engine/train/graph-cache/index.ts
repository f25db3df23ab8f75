/** Training graphs kept from run to run, after their passes and as they were written for the executor. What comes back is byte for byte what would have been made. */

import type { Graph } from '../../graph/node.ts';
import type { CompileOptions } from '../../runtime/session.ts';
import { readEntry, writeEntry, type Entry } from './entry-file.ts';
import { graphFromText, graphText } from './graph-text.ts';

export { specKey } from './spec-key.ts';

export class GraphCache<Cost> {
  readonly #folder: string;
  readonly #seen = new Map<string, Entry | null>();
  constructor(folder: string) { this.#folder = folder; }

  #entry(key: string): Entry | null {
    const found = this.#seen.has(key) ? this.#seen.get(key)! : readEntry(this.#folder, key);
    this.#seen.set(key, found);
    return found;
  }

  cost(key: string): Cost | undefined { return this.#entry(key)?.cost as Cost | undefined; }

  graph(key: string): Graph | undefined {
    const entry = this.#entry(key);
    if (entry === null) return undefined;
    try { return graphFromText(entry.graph); } catch {
      // Whole, but not ours to read: built again, and then replaced.
      this.#seen.set(key, null);
      return undefined;
    }
  }

  /** The model of `graph` from here where its weights still lie where they lay; otherwise it is written, and kept. Lets go of the entry: a program is compiled once. */
  written(key: string, graph: Graph, cost: () => Cost): NonNullable<CompileOptions['written']> {
    return (write, location) => {
      const entry = this.#entry(key);
      this.#seen.delete(key);
      if (entry !== null && entry.locations.every(([path, place]) => location(path) === place)) {
        return { bytes: entry.onnx, nodeCount: entry.nodeCount, nodeNames: () => write().nodeNames };
      }
      const { bytes, nodeCount, nodeNames, externalFiles } = write();
      const text = graphText(graph);
      if (text !== null) writeEntry(this.#folder, key, { graph: text, onnx: bytes, nodeCount, locations: externalFiles.map((f) => [f.path, f.location]), cost: cost() });
      return { bytes, nodeCount, nodeNames: () => nodeNames };
    };
  }
}
