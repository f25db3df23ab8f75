/**
 * Log-probabilities of the frozen reference. It is the policy as it was when the run began (the same graph fed with the first values: for a new adapter that is the base model), or another model.
 * Every completion is scored once and remembered, ahead of the run (score-reference.ts) or when its batch comes; a reference that follows the policy (TR-DPO; Gorbatovski et al., 2024) is scored again after each change.
 */

import type { ReferenceConfig } from '../../../shared/methods/preference.ts';
import type { EngineMethod } from '../methods/method.ts';
import type { Batch, BatchShape } from './batch.ts';
import { initialValues, loadModel, type LoadedModel } from './load.ts';
import type { TrainOptions } from './options.ts';
import { ProgramPool } from './program-pool.ts';
import { LOGPS } from './step-graph.ts';
import { trainableFeeds, type Trainables } from './trainables.ts';

type ExampleShape = BatchShape & { examples: number };
export interface ReferenceOptions { pool: ProgramPool; trainables: Trainables; values: Float32Array; roles: number; /** Keep what was computed. */ remember: boolean; /** The model under the values. */ basis: Pick<LoadedModel, 'model' | 'weights'> }
/** A model that is only read. */
export const NO_TRAINABLES: Trainables = { kind: 'full', ranges: [], groups: [], length: 0 };

export class Reference {
  readonly #options: ReferenceOptions;
  readonly #known = new Map<number, Float32Array>();
  constructor(options: ReferenceOptions) { this.#options = options; }

  /** The same policy for other rows. */
  sibling(): Reference { return new Reference(this.#options); }
  /** Frees the sessions; the next score that is not known makes new ones. */
  async release(): Promise<void> { await this.#options.pool.release('reference'); }
  /** The values it runs with; after a change of them `forget`. */
  get values(): Float32Array { return this.#options.values; }
  get basis(): ReferenceOptions['basis'] { return this.#options.basis; }
  get roles(): number { return this.#options.roles; }
  forget(): void { this.#known.clear(); }
  /** What is known by fed row: one number per example and role, examples first. */
  get known(): ReadonlyMap<number, Float32Array> { return this.#known; }
  learn(row: number, scores: Float32Array): void { this.#known.set(row, scores); }

  /** The feed `reference` [roles * examples] of a batch made of these fed rows. */
  async scores(rows: readonly number[], batch: Batch, shape: ExampleShape): Promise<Float32Array> {
    if (rows.every((row) => this.#known.has(row))) return this.#feed(rows, shape);
    const computed = await this.#compute(batch, shape);
    if (!this.#options.remember) return computed;
    this.#remember(rows, batch, shape, computed);
    // A row keeps the score that it was given first.
    return this.#feed(rows, shape);
  }

  #feed(rows: readonly number[], shape: ExampleShape): Float32Array {
    const { roles } = this.#options;
    const feed = new Float32Array(roles * shape.examples);
    let example = 0;
    for (const row of rows) {
      const own = this.#known.get(row)!;
      for (let i = 0; i < own.length / roles; i++, example++) for (let role = 0; role < roles; role++) feed[role * shape.examples + example] = own[i * roles + role]!;
    }
    return feed;
  }

  async #compute(batch: Batch, shape: ExampleShape): Promise<Float32Array> {
    const { pool, trainables, values } = this.#options;
    const program = await pool.get('reference', shape);
    const outputs = await program.run({ ...batch.feeds, ...trainableFeeds(trainables, values) });
    return Float32Array.from(outputs[LOGPS]!.data as Float32Array);
  }

  #remember(rows: readonly number[], batch: Batch, shape: ExampleShape, scores: Float32Array): void {
    const { roles } = this.#options;
    const each = batch.examplesPerRow;
    let example = 0;
    rows.forEach((row, i) => {
      const own = new Float32Array(each[i]! * roles);
      for (let e = 0; e < each[i]!; e++, example++) for (let role = 0; role < roles; role++) own[e * roles + role] = scores[role * shape.examples + example]!;
      if (!this.#known.has(row)) this.#known.set(row, own);
    });
  }
}

interface Source { options: TrainOptions; method: EngineMethod; pool: ProgramPool; loaded: LoadedModel; values: Float32Array; remember: boolean }

/** The reference of a run: the first values of the policy in its own programs, or another model in programs of its own. */
export function referenceOf({ options, method, pool, loaded, values, remember }: Source): Reference {
  const roles = method.roles.length;
  const other = options.reference ?? null;
  if (other === null) return new Reference({ pool, trainables: loaded.trainables, values, roles, remember, basis: loaded });
  const second = (spec: Pick<LoadedModel, 'model' | 'weights' | 'trainables'>): ProgramPool => new ProgramPool({ spec: { ...spec, method, config: options.config }, threads: options.threads, prepack: false, recompute: false, provider: options.device, half: options.half ?? false, cacheFolder: options.graphCache });
  if (other.start?.kind === 'adapter') {
    // Its adapter is merged into values that are fed.
    const merged = loadModel({ modelFolder: other.modelFolder, start: other.start, adapter: null });
    return new Reference({ pool: second(merged), trainables: merged.trainables, values: initialValues(merged, { start: other.start, config: options.config }), roles, remember, basis: merged });
  }
  // Nothing of it is trained, so an adapter of no size would do; full parameters as inputs are the plain way for a model that is only read.
  const model = loadModel({ modelFolder: other.modelFolder, start: other.start, adapter: null });
  return new Reference({ pool: second({ model: model.model, weights: model.weights, trainables: NO_TRAINABLES }), trainables: NO_TRAINABLES, values: new Float32Array(0), roles, remember, basis: model });
}

/** Are the rows scored ahead of the run? A reference that moves cannot be. */
export const precomputes = (config: object): boolean => !syncsReference(config) && (config as Partial<ReferenceConfig>).precompute_ref_log_probs === true;

/** Does the reference follow the policy? */
export const syncsReference = (config: object): boolean => (config as Partial<ReferenceConfig>).sync_ref_model === true;

/** Does a reference move after this step? */
export function referenceIsDue(config: object, step: number): boolean {
  const { ref_model_sync_steps: every = 512 } = config as Partial<ReferenceConfig>;
  return syncsReference(config) && step % every === 0;
}

/** After a step: moves the reference towards the policy when its time has come (TR-DPO's soft update). True when it moved. */
export function syncReference(reference: Reference, config: object, step: number, policy: Float32Array): boolean {
  const { ref_model_mixup_alpha: alpha = 0.6 } = config as Partial<ReferenceConfig>;
  if (!referenceIsDue(config, step)) return false;
  const { values } = reference;
  for (let i = 0; i < values.length; i++) values[i] = (1 - alpha) * values[i]! + alpha * policy[i]!;
  reference.forget();
  return true;
}
