/** Compiled prefill and decode programs by shape; the least recently used go when there are too many. */

import type { ProviderId } from '../../../shared/schema/device.ts';
import type { WeightFormat } from '../../../shared/schema/generate.ts';
import type { Graph } from '../graph/node.ts';
import type { Program } from '../runtime/session.ts';
import { coresAreFree } from '../runtime/free-cores.ts';
import { compile } from '../runtime/session.ts';
import { forDecoding } from '../graph/passes/index.ts';
import { decodeGraph, prefillGraph, type DecodeForm } from './decode-graph.ts';
import type { GenerationSource } from './live-weights.ts';
import { QuantisedWeights } from './quantised-weights.ts';
import { quantiseGraph } from './quantise-graph.ts';
import { sweepOnce } from './weight-folder.ts';

/** Packed copies make small models faster; for large ones the memory of several programs matters more. Decoding gains most (a token reads every weight once: 1.3 times as fast at 135M) and has fewer programs. */
export const PREPACK_LIMIT = { prefill: 50e6, decode: 200e6 };
/** Keys of all rows up to which the grouped kernel's copies cost less than the nodes that it saves (measured at 135M; level at about 400 in one row, at 1000 in eight). */
const GROUPED_KEYS = 256;

export class Programs {
  readonly #source: GenerationSource;
  readonly #threads: number;
  readonly #keep: number;
  readonly #parameters: number;
  readonly #spin: boolean;
  readonly #provider: ProviderId;
  readonly #made = new Map<string, Program>();

  readonly #format: WeightFormat;
  readonly #quantised: QuantisedWeights;

  constructor(source: GenerationSource, threads: number, keep?: number, format: WeightFormat = 'fp32', spin = coresAreFree(threads), provider: ProviderId = 'cpu') {
    sweepOnce();
    this.#spin = spin;
    this.#provider = provider;
    this.#source = source;
    this.#format = format;
    this.#quantised = new QuantisedWeights(source.weights);
    this.#threads = threads;
    this.#parameters = source.model.family.parameters(source.model.config).reduce((n, p) => n + p.shape.reduce((a, b) => a * b, 1), 0);
    this.#keep = keep ?? (this.#parameters < PREPACK_LIMIT.prefill ? 16 : 4);
  }

  async get(kind: 'prefill' | 'decode', batch: number, size: number): Promise<Program> {
    const key = `${kind}:${batch}x${size}`;
    const found = this.#made.get(key);
    if (found) { this.#made.delete(key); this.#made.set(key, found); return found; }
    while (this.#made.size >= this.#keep) {
      const [oldest, program] = this.#made.entries().next().value as [string, Program];
      this.#made.delete(oldest);
      await program.dispose();
    }
    // Without packed copies quantised weights are unpacked at every step.
    const prepack = this.#format !== 'fp32' || this.#parameters < PREPACK_LIMIT[kind];
    const program = await compile(this.#graph(kind, batch, size), { provider: this.#provider, threads: this.#threads, spin: this.#spin, prepack });
    this.#made.set(key, program);
    return program;
  }

  #graph(kind: 'prefill' | 'decode', batch: number, size: number): Graph {
    const { family, config } = this.#source.model;
    const cpu = this.#provider === 'cpu';
    const form: DecodeForm = !cpu || batch * size > GROUPED_KEYS ? 'apart' : this.#format === 'fp32' ? 'grouped' : 'packed';
    const made = kind === 'prefill' ? prefillGraph(this.#source, batch, size) : decodeGraph(this.#source, batch, size, form);
    const graph = quantiseGraph(made, this.#format, this.#quantised, family.headWeight(config));
    return cpu ? forDecoding(graph) : graph;
  }

  async dispose(): Promise<void> {
    for (const p of this.#made.values()) await p.dispose();
    this.#made.clear();
    this.#quantised.dispose();
  }
}
