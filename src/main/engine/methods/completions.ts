/**
 * What a loss sees of the completions of a micro-batch. Example e (0 to E - 1, real ones first) has one completion per role; completion (role, e) stands at role * E + e
 * of every vector. Sums over tokens are scatters of loss rows to their completion, so it does not matter where in the token trees the tokens lie.
 */

import * as o from '../graph/ops/index.ts';
import type { Graph, Value } from '../graph/node.ts';
import type { Measure, ScoredTokens } from './method.ts';

/** Loss rows, and room for examples, of a batch. */
export interface CompletionShape { losses: number; examples?: number }

export class Completions {
  readonly #graph: Graph;
  readonly #roles: readonly string[];
  readonly #examples: number;
  readonly #shape: CompletionShape;
  readonly #tokens: ScoredTokens | null;
  readonly #scores: Value | null;
  readonly #inputs = new Map<string, Value>();

  /** `scores` [roles * E]: of a scalar head; null where tokens are scored. */
  constructor(graph: Graph, roles: readonly string[], shape: CompletionShape, tokens: ScoredTokens | null, scores: Value | null) {
    this.#graph = graph;
    this.#roles = roles;
    this.#examples = shape.examples ?? 0;
    this.#shape = shape;
    this.#tokens = tokens;
    this.#scores = scores;
  }

  get examples(): number { return this.#examples; }
  /** 1 for a real example, 0 for padding [E]. */
  get exists(): Value { return this.#input('exists', this.#examples); }
  /** What an example counts in a mean over the step: 1 / (examples of the micro-batch * micro-batches), 0 for padding [E]. */
  get scale(): Value { return this.#input('scale', this.#examples); }
  /** 1 / micro-batches, for means that are not over examples. */
  get share(): Value { return this.#input('share', null); }
  /** A number that comes with the examples [E]. */
  column(name: string): Value { return this.#input(`column:${name}`, this.#examples); }

  /** Sum of log-probabilities of a completion, each token by its share [E]. */
  logp(role: string): Value { return this.#sum(role, o.mul(this.#scored().logp, this.#input('token_share', this.#shape.losses))); }
  /** The reference's, from the feed [E]. */
  reference(role: string): Value { return this.#part(role, this.#input('reference', this.#roles.length * this.#examples)); }
  /** Tokens of the completion [E]; 0 for padding. */
  length(role: string): Value { return this.#part(role, this.#input('lengths', this.#roles.length * this.#examples)); }
  /** The scalar head's number [E]. */
  score(role: string): Value { return this.#part(role, this.#scores!); }
  /** All log-probability sums, for a reference run [roles * E]. */
  allLogps(): Value { return this.#scatter(o.mul(this.#scored().logp, this.#input('token_share', this.#shape.losses))); }

  /** Sum of a number per loss row over a completion's own tokens [E]. */
  total(role: string, rows: Value): Value { return this.#sum(role, o.mul(rows, this.#own)); }
  /** Sum over every loss row that belongs to the completion, prompt tokens included where they carry a loss [E]. */
  totalWithPrompt(role: string, rows: Value): Value { return this.#sum(role, o.mul(rows, this.#scored().valid)); }
  /** Mean over the tokens of some roles' completions in the micro-batch. */
  tokenMean(roles: readonly string[], rows: Value): Measure {
    const sums = roles.map(role => o.reduceSum(this.total(role, rows)));
    const counts = roles.map(role => o.reduceSum(this.length(role)));
    return { sum: sums.reduce((a, b) => o.add(a, b)), count: counts.reduce((a, b) => o.add(a, b)) };
  }
  /** Mean of a number per example over the real examples, or those where `where` [E] is 1. */
  mean(values: Value, where: Value = this.exists): Measure {
    return { sum: o.reduceSum(o.mul(values, where)), count: o.reduceSum(where) };
  }

  /** 1 where a loss row is of a completion, 0 for prompts and padding [M]. */
  get #own(): Value { return this.#input('token_own', this.#shape.losses); }
  #scored(): ScoredTokens {
    if (this.#tokens === null) throw new Error('This method scores completions, not tokens.');
    return this.#tokens;
  }
  #sum(role: string, rows: Value): Value { return this.#part(role, this.#scatter(rows)); }
  #scatter(rows: Value): Value {
    const size = this.#roles.length * this.#examples;
    return o.reshape(o.scatterAdd(size, this.#input('completion', this.#shape.losses, true), o.reshape(rows, [this.#shape.losses, 1])), [size]);
  }
  #part(role: string, all: Value): Value {
    const index = this.#roles.indexOf(role);
    if (index < 0) throw new Error(`This method has no completion called ${role}.`);
    return o.slice(all, 0, index * this.#examples, (index + 1) * this.#examples);
  }
  #input(name: string, size: number | null, integer = false): Value {
    const made = this.#inputs.get(name) ?? this.#graph.input(name, size === null ? [] : [size], integer ? 'int32' : undefined);
    this.#inputs.set(name, made);
    return made;
  }
}

/** Mean over the micro-batch as a value: sum / count, 0 where nothing is counted. */
export function meanOf({ sum, count }: Measure): Value { return o.div(sum, o.maximum(count, 1e-12)); }
