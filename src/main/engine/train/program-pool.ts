/** Compiled steps by shape and kind, kept until the run ends. */

import { byteLength } from '../graph/dtype.ts';
import type { Graph, Value } from '../graph/node.ts';
import { halfPrecision } from '../graph/passes/half-precision.ts';
import { optimize } from '../graph/passes/index.ts';
import type { ProviderId } from '../../../shared/schema/device.ts';
import type { Traffic } from '../runtime/device-tensor.ts';
import { compile, type Program } from '../runtime/session.ts';
import { collectGarbage } from './collect-garbage.ts';
import { GraphCache, specKey } from './graph-cache/index.ts';
import type { RecomputeLevel } from '../graph/passes/recompute.ts';
import { automaticLevel } from './plan/automatic-level.ts';
import { CHUNKS, type Chunks, type ExecutionLayout } from './plan/execution.ts';
import { graphCost, type GraphCost } from './plan/graph-cost.ts';
import { buildStep, type StepSpec } from './step-graph.ts';

export interface PoolOptions { spec: Omit<StepSpec, 'shape' | 'kind'>; threads: number; prepack: boolean; recompute: boolean | ExecutionLayout['recompute']; chunks?: Chunks; /** Default cpu. */ provider?: ProviderId | undefined; /** Matrix products in float16. */ half?: boolean; /** Folder in which graphs are kept from run to run; absent: they are not. */ cacheFolder?: string | undefined; /** Called before a program is compiled: what its weights lie in must be there. */ before?: () => void }

/** Frozen weights from this size on are not packed once more for evaluation. */
const LARGE = 200e6;

/** Nodes from which on a graph leaves enough garbage to be worth a collection. */
const BIG = 3000;

export class ProgramPool {
  readonly #options: PoolOptions;
  readonly #programs = new Map<string, Program>();
  /** Graphs that were looked at and not compiled yet. */
  readonly #planned = new Map<string, Graph>();
  readonly #costs = new Map<string, GraphCost>();
  readonly #cacheKeys = new Map<string, string | null>();
  readonly #cache: GraphCache<GraphCost> | undefined;
  /** Outputs of training steps that stay on the device. */
  #kept: readonly string[] = [];
  /** Bytes that crossed to and from the device. */
  readonly traffic: Traffic = { toDevice: 0, fromDevice: 0 };
  constructor(options: PoolOptions) {
    this.#options = options;
    this.#cache = options.cacheFolder === undefined ? undefined : new GraphCache(options.cacheFolder);
  }

  /** Training steps that are compiled from here on keep these outputs on the device (webgpu). */
  keep(outputs: readonly string[]): void { this.#kept = outputs; }

  get prepack(): boolean { return this.#options.prepack; }

  async get(kind: StepSpec['kind'], shape: StepSpec['shape']): Promise<Program> {
    const key = keyOf(kind, shape);
    let program = this.#programs.get(key);
    if (program === undefined) {
      this.#options.before?.();
      const graph = this.graph(kind, shape);
      this.#planned.delete(key);
      const big = graph.nodes.length > BIG;
      if (big) collectGarbage();
      const provider = this.#options.provider ?? 'cpu', kept = provider === 'cpu' ? this.#cacheKey(kind, shape) : null;
      program = await compile(graph, {
        provider, threads: this.#options.threads, traffic: this.traffic, ...(kind === 'train' ? { keep: this.#kept } : {}), spin: kind === 'train', prepack: this.packs(kind, { stored: graph.weights.reduce((n, w) => n + byteLength(w), 0) }), ...(provider === 'cpu' ? { optimization: leastOptimization(graph) } : {}),
        ...(kept === null ? {} : { written: this.#cache!.written(kept, graph, () => graphCost(graph)) }),
      });
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
    const kept = this.#cacheKey(kind, shape);
    const cost = this.#costs.get(key) ?? (kept === null ? undefined : this.#cache!.cost(kept)) ?? graphCost(kind === 'train' ? this.graph(kind, shape) : (this.#planned.get(key) ?? this.#build(kind, shape)));
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
    const kept = this.#cacheKey(kind, shape), known = kept === null ? undefined : this.#cache!.graph(kept);
    if (known !== undefined) return known;
    const { half = false } = this.#options;
    const graph = optimize(buildStep(this.#spec(kind, shape)), { recompute: this.#recomputes(kind, shape) });
    return half ? halfPrecision(graph) : graph;
  }

  #spec(kind: StepSpec['kind'], shape: StepSpec['shape']): StepSpec {
    const { spec, chunks, half = false } = this.#options;
    return { ...spec, ...(chunks === undefined ? {} : { chunks }), kind, shape, scaled: half };
  }

  /** Null where graphs are not kept. */
  #cacheKey(kind: StepSpec['kind'], shape: StepSpec['shape']): string | null {
    if (this.#cache === undefined) return null;
    const key = keyOf(kind, shape), known = this.#cacheKeys.get(key);
    if (known !== undefined) return known;
    const made = specKey(this.#spec(kind, shape), { recompute: this.#recomputes(kind, shape), half: this.#options.half ?? false });
    this.#cacheKeys.set(key, made);
    return made;
  }

  /** Forgets graphs that were only looked at: they were built before the values of their weights were known. */
  forgetGraphs(): void { this.#planned.clear(); }

  /** What a training step computes again. */
  level(shape: StepSpec['shape']): 'none' | RecomputeLevel {
    const { spec, recompute, chunks = CHUNKS } = this.#options;
    if (recompute === true) return 'all';
    return recompute === false || recompute === 'auto' ? automaticLevel(spec.model.config, shape, chunks.attention) : recompute;
  }

  #recomputes(kind: StepSpec['kind'], shape: StepSpec['shape']): boolean | RecomputeLevel {
    const level = kind === 'train' ? this.level(shape) : 'none';
    return level === 'all' || (level !== 'none' && level);
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

/**
 * Our passes leave nothing for onnxruntime's to do: with all of them a step takes as long and a session half a second more at 135M (bench/graph-cache). What they may still have to is to compute
 * once what depends on weights alone, such as 16-bit weights as float32.
 */
function leastOptimization(graph: Graph): 'disabled' | 'basic' {
  const frozen = (v: Value): boolean => v.source !== undefined && v.source.kind !== 'input';
  return graph.nodes.some((n) => n.inputs.every(frozen) && n.inputs.some((v) => v.source?.kind === 'weight')) ? 'basic' : 'disabled';
}
