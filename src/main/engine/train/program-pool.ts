/** Compiled steps by shape and kind, kept until the run ends. */

import type { Graph } from '../graph/node.ts';
import { optimize } from '../graph/passes/index.ts';
import { compile, type Program } from '../runtime/session.ts';
import { collectGarbage } from './collect-garbage.ts';
import { buildStep, type StepSpec } from './step-graph.ts';

export interface PoolOptions { spec: Omit<StepSpec, 'shape' | 'kind'>; threads: number; prepack: boolean; recompute: boolean }

/** From this size of one feed-forward activation over all layers on, cheap activations are computed twice instead of kept. */
const WIDE = 64e6;

export class ProgramPool {
  readonly #options: PoolOptions;
  readonly #programs = new Map<string, Program>();
  constructor(options: PoolOptions) { this.#options = options; }

  async get(kind: StepSpec['kind'], shape: StepSpec['shape']): Promise<Program> {
    const key = `${kind}:${shape.rows}x${shape.length}:${shape.losses}`;
    let program = this.#programs.get(key);
    if (program === undefined) {
      const graph = this.graph(kind, shape);
      collectGarbage();
      program = await compile(graph, { threads: this.#options.threads, prepack: this.#options.prepack });
      this.#programs.set(key, program);
      collectGarbage();
    }
    return program;
  }

  /** The graph that `get` compiles, for the planner. */
  graph(kind: StepSpec['kind'], shape: StepSpec['shape']): Graph {
    const { spec, recompute } = this.#options;
    const graph = buildStep({ ...spec, kind, shape });
    if (kind === 'evaluate') return optimize(graph);
    const { layers, intermediateSize } = spec.model.config;
    const wide = shape.rows * shape.length * layers * intermediateSize * 4;
    return optimize(graph, { recompute: recompute || (wide > WIDE ? 'cheap' : false) });
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await program.dispose();
    this.#programs.clear();
  }
}
