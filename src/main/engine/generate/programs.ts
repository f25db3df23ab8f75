/** Compiled prefill and decode programs by shape; the least recently used go when there are too many. */

import type { ProviderId } from '../../../shared/schema/device.ts';
import type { WeightFormat } from '../../../shared/schema/generate.ts';
import type { Program } from '../runtime/session.ts';
import { coresAreFree } from '../runtime/free-cores.ts';
import { compile } from '../runtime/session.ts';
import { decodeGraph, prefillGraph } from './decode-graph.ts';
import type { GenerationSource } from './live-weights.ts';
import { QuantisedWeights } from './quantised-weights.ts';
import { quantiseGraph } from './quantise-graph.ts';

/** Packed copies make small models faster; for large ones the memory of several programs matters more. */
const PREPACK_LIMIT = 50e6;

export class Programs {
  readonly #source: GenerationSource;
  readonly #threads: number;
  readonly #keep: number;
  readonly #prepack: boolean;
  readonly #spin: boolean;
  readonly #provider: ProviderId;
  readonly #made = new Map<string, Program>();

  readonly #format: WeightFormat;
  readonly #quantised: QuantisedWeights;

  constructor(source: GenerationSource, threads: number, keep?: number, format: WeightFormat = 'fp32', spin = coresAreFree(threads), provider: ProviderId = 'cpu') {
    this.#spin = spin;
    this.#provider = provider;
    this.#source = source;
    this.#format = format;
    this.#quantised = new QuantisedWeights(source.weights);
    this.#threads = threads;
    const parameters = source.model.family.parameters(source.model.config).reduce((n, p) => n + p.shape.reduce((a, b) => a * b, 1), 0);
    this.#prepack = parameters < PREPACK_LIMIT;
    this.#keep = keep ?? (this.#prepack ? 16 : 4);
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
    const { family, config } = this.#source.model;
    const graph = quantiseGraph((kind === 'prefill' ? prefillGraph : decodeGraph)(this.#source, batch, size), this.#format, this.#quantised, family.headWeight(config));
    // Without packed copies quantised weights are unpacked at every step.
    const program = await compile(graph, { provider: this.#provider, threads: this.#threads, spin: this.#spin, prepack: this.#prepack || this.#format !== 'fp32' });
    this.#made.set(key, program);
    return program;
  }

  async dispose(): Promise<void> {
    for (const p of this.#made.values()) await p.dispose();
    this.#made.clear();
    this.#quantised.dispose();
  }
}
