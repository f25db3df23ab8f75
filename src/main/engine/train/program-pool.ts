/** Compiled steps by shape and kind, kept until the run ends. */

import type { Graph } from '../graph/node.ts';
import { optimize } from '../graph/passes/index.ts';
import { compile, type Program } from '../runtime/session.ts';
import { buildStep, type StepSpec } from './step-graph.ts';

export interface PoolOptions { spec: Omit<StepSpec, 'shape' | 'kind'>; threads: number; prepack: boolean; recompute: boolean }

export class ProgramPool {
  readonly #options: PoolOptions;
  readonly #programs = new Map<string, Program>();
  constructor(options: PoolOptions) { this.#options = options; }

  async get(kind: StepSpec['kind'], shape: StepSpec['shape']): Promise<Program> {
    const key = `${kind}:${shape.rows}x${shape.length}:${shape.losses}`;
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = await compile(this.graph(kind, shape), { threads: this.#options.threads, prepack: this.#options.prepack });
      this.#programs.set(key, program);
    }
    return program;
  }

  /** The graph that `get` compiles, for the planner. */
  graph(kind: StepSpec['kind'], shape: StepSpec['shape']): Graph {
    return optimize(buildStep({ ...this.#options.spec, kind, shape }), { recompute: this.#options.recompute && kind === 'train' });
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await program.dispose();
    this.#programs.clear();
  }
}
