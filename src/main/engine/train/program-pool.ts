/** Compiled steps by shape and kind, kept until the run ends. */

import { byteLength } from '../graph/dtype.ts';
import type { Graph } from '../graph/node.ts';
import { halfPrecision } from '../graph/passes/half-precision.ts';
import { optimize } from '../graph/passes/index.ts';
import type { ProviderId } from '../../../shared/schema/device.ts';
import { compile, type Program } from '../runtime/session.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { Chunks, ExecutionLayout } from './plan/execution.ts';
import { graphCost, type GraphCost } from './plan/graph-cost.ts';
import { buildStep, type StepSpec } from './step-graph.ts';

export interface PoolOptions { spec: Omit<StepSpec, 'shape' | 'kind'>; threads: number; prepack: boolean; recompute: boolean | ExecutionLayout['recompute']; chunks?: Chunks; /** Default cpu. */ provider?: ProviderId | undefined; /** Matrix products in float16. */ half?: boolean }

/** Frozen weights from this size on are not packed once more for evaluation. */
const LARGE = 200e6;
/** From this size of one feed-forward activation over all layers on, cheap activations are computed twice instead of kept. */
const WIDE = 64e6;

/** Nodes from which on a graph leaves enough garbage to be worth a collection. */
const BIG = 3000;

export class ProgramPool {
  readonly #options: PoolOptions;
  readonly #programs = new Map<string, Program>();
  /** Graphs that were looked at and not compiled yet. */
  readonly #planned = new Map<string, Graph>();
  readonly #costs = new Map<string, GraphCost>();
  constructor(options: PoolOptions) { this.#options = options; }

  get prepack(): boolean { return this.#options.prepack; }

  async get(kind: StepSpec['kind'], shape: StepSpec['shape']): Promise<Program> {
    const key = keyOf(kind, shape);
    let program = this.#programs.get(key);
    if (program === undefined) {
      const graph = this.graph(kind, shape);
      this.#planned.delete(key);
      const big = graph.nodes.length > BIG;
      if (big) collectGarbage();
      program = await compile(graph, { provider: this.#options.provider ?? 'cpu', threads: this.#options.threads, spin: kind === 'train', prepack: this.packs(kind, { stored: graph.weights.reduce((n, w) => n + byteLength(w), 0) }) });
      this.#programs.set(key, program);
      if (big) collectGarbage();
    }
    return program;
  }

  /** Does a program keep packed copies of its frozen weights? */
  packs(kind: StepSpec['kind'], { stored }: Pick<GraphCost, 'stored'>): boolean { return this.#options.prepack && (kind === 'train' || stored < LARGE); }

  /** What a program will cost. Only graphs of training steps are kept for `get`: they are large to build. */
  cost(kind: StepSpec['kind'], shape: StepSpec['shape']): GraphCost {
    const key = keyOf(kind, shape);
    const cost = this.#costs.get(key) ?? graphCost(kind === 'train' ? this.graph(kind, shape) : (this.#planned.get(key) ?? this.#build(kind, shape)));
    this.#costs.set(key, cost);
    return cost;
  }

  /** The graph that `get` compiles, for the planner. */
  graph(kind: StepSpec['kind'], shape: StepSpec['shape']): Graph {
    const key = keyOf(kind, shape);
    const known = this.#planned.get(key) ?? this.#build(kind, shape);
    this.#planned.set(key, known);
    return known;
  }

  #build(kind: StepSpec['kind'], shape: StepSpec['shape']): Graph {
    const { spec, chunks, half = false } = this.#options;
    const precise = (g: Graph): Graph => (half ? halfPrecision(g) : g);
    const graph = buildStep({ ...spec, ...(chunks === undefined ? {} : { chunks }), kind, shape, scaled: half });
    if (kind !== 'train') return precise(optimize(graph));
    return precise(optimize(graph, { recompute: this.#recomputes(shape) }));
  }

  /** Forgets graphs that were only looked at: they were built before the values of their weights were known. */
  forgetGraphs(): void { this.#planned.clear(); }

  #recomputes(shape: StepSpec['shape']): boolean | 'cheap' {
    const { spec, recompute } = this.#options;
    if (recompute === true || recompute === 'all') return true;
    if (recompute === 'none' || recompute === 'cheap') return recompute === 'cheap' && 'cheap';
    const { layers, intermediateSize } = spec.model.config;
    return shape.rows * shape.length * layers * intermediateSize * 4 > WIDE && 'cheap';
  }

  /** Lets the sessions of a kind go: what it was for is done. */
  async release(kind: StepSpec['kind']): Promise<void> {
    for (const [key, program] of this.#programs) {
      if (!key.startsWith(`${kind}:`)) continue;
      this.#programs.delete(key);
      await program.dispose();
    }
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await program.dispose();
    this.#programs.clear();
  }
}

function keyOf(kind: StepSpec['kind'], shape: StepSpec['shape']): string { return `${kind}:${shape.rows}x${shape.length}:${shape.losses}:${shape.examples ?? 0}`; }
