/**
 * The optimiser on the device that computes the gradients: values, moments and gradients are tensors there from step to step; a step sends its batch and a few factors and gets back loss, metrics and one
 * sum of squares per group of values. Whether the step is taken is decided here, by the norm (optim/update-graph). `state.adam` is what was fetched last; its count of updates is always right.
 */

import type { TrainerConfig } from '../../../../shared/methods/trainer.ts';
import { AnnealError } from '../../../../shared/errors.ts';
import type { Graph } from '../../graph/node.ts';
import { beginUpdate } from '../../optim/adamw.ts';
import { factorFeeds, normGraph, sumGraph, updateGraph } from '../../optim/update-graph.ts';
import type { DeviceTensor, Feed, Traffic } from '../../runtime/device-tensor.ts';
import { compile, type CompileOptions, type Program, type Result } from '../../runtime/session.ts';
import { rollBack, type RunState } from '../run-state.ts';
import { gradientName, inputName, type TrainableGroup, type Trainables } from '../trainables.ts';
import { DeviceCopies } from './device-copies.ts';
import { adamwOptions, type Optimiser, type Update } from './optimiser.ts';

/** Groups that are updated by one program. Their next values and moments exist beside the present ones, so parts are small; and few, because each costs a run. */
interface Part { groups: readonly TrainableGroup[]; update: Program; norm: Program; sum: Program }
/** By group. */
type Tensors = Map<string, DeviceTensor>;
interface Resident { value: Tensors; m: Tensors; v: Tensors }
const KINDS = ['value', 'm', 'v'] as const;

/** Values of a part, unless a single group has more. */
const PART = 2 ** 24;

export interface DeviceOptimiserOptions { state: RunState; trainables: Trainables; config: TrainerConfig; compile: Pick<CompileOptions, 'provider' | 'threads'> & { traffic?: Traffic | undefined } }

export class DeviceOptimiser implements Optimiser {
  readonly place = 'device';
  readonly #state: RunState;
  readonly #trainables: Trainables;
  readonly #config: TrainerConfig;
  readonly #parts: readonly Part[];
  readonly #copies: DeviceCopies;
  #now: Resident = empty();
  #before: Resident = empty();
  #grads: Tensors = new Map();
  #scale = 1;

  private constructor({ state, trainables, config, compile: options }: DeviceOptimiserOptions, parts: readonly Part[]) {
    this.#state = state;
    this.#trainables = trainables;
    this.#config = config;
    this.#parts = parts;
    this.#copies = new DeviceCopies(options);
  }

  /** Compiles what updates, and sends the state. Throws where the device cannot do it; then nothing is held. */
  static async open(options: DeviceOptimiserOptions): Promise<DeviceOptimiser> {
    const parts: Part[] = [];
    const made = new DeviceOptimiser(options, parts);
    try {
      for (const groups of partsOf(options.trainables.groups)) parts.push(await compilePart(groups, options));
      await made.refill();
      await made.#check();
      // Copies of values and moments here would serve nobody.
      if (options.state.previous !== null) options.state.previous.adam = options.state.adam;
      return made;
    } catch (error) {
      await made.dispose();
      throw error;
    }
  }

  weights(): Record<string, Feed> { return Object.fromEntries(this.#trainables.groups.map((g) => [inputName(g), this.#now.value.get(g.name)!])); }

  async gather(program: Program, feeds: Record<string, Feed>, first: boolean): Promise<Record<string, Result>> {
    if (first) release(this.#grads);
    const { results, kept } = await program.runKeeping({ ...feeds, ...this.weights() });
    const fresh: Tensors = new Map(this.#trainables.groups.map((g) => [g.name, kept[gradientName(g)]!]));
    if (first) this.#grads = fresh;
    else await this.#add(fresh);
    return results;
  }

  async #add(fresh: Tensors): Promise<void> {
    try {
      for (const { groups, sum } of this.#parts) {
        const { kept } = await sum.runKeeping({ ...tensorFeeds('sum', groups, this.#grads), ...tensorFeeds('grad', groups, fresh) });
        for (const { name } of groups) replace(this.#grads, name, kept[`next_sum:${name}`]!);
      }
    } finally { release(fresh); }
  }

  async norm(scale: number): Promise<number> {
    this.#scale = scale;
    let squares = 0;
    for (const { groups, norm } of this.#parts) {
      const out = await norm.run({ ...tensorFeeds('grad', groups, this.#grads), gradScale: Float32Array.of(scale) });
      for (const x of out['squares']!.data as Float32Array) squares += x;
    }
    return Math.sqrt(squares);
  }

  async update({ clip, learningRate }: Update): Promise<void> {
    const { adam, previous } = this.#state, options = adamwOptions(this.#config);
    const { factors } = beginUpdate(adam, adam, [], { grads: NOTHING, gradScale: clip * this.#scale, learningRate }, options);
    const scalars = factorFeeds(factors, learningRate * options.weightDecay);
    for (const { groups, update } of this.#parts) {
      // What was before the last update goes first: never more than two states and one part are held.
      for (const kind of KINDS) for (const { name } of groups) drop(this.#before[kind], name);
      const { kept } = await update.runKeeping({ ...Object.assign({}, ...KINDS.map((kind) => tensorFeeds(kind, groups, this.#now[kind]))) as Record<string, Feed>, ...tensorFeeds('grad', groups, this.#grads), ...scalars });
      for (const kind of KINDS) for (const { name } of groups) {
        if (previous === null) drop(this.#now[kind], name);
        else this.#before[kind].set(name, this.#now[kind].get(name)!);
        this.#now[kind].set(name, kept[`next_${kind}:${name}`]!);
      }
    }
    release(this.#grads);
  }

  async rollBack(): Promise<boolean> {
    const { adam } = this.#state, { step } = adam;
    if (this.#before.value.size === 0 || !rollBack(this.#state)) return Promise.resolve(false);
    [this.#now, this.#before] = [this.#before, this.#now];
    releaseAll(this.#before);
    adam.step = step - 1;
    return Promise.resolve(true);
  }

  async fetch(what: 'values' | 'all'): Promise<void> {
    const { values, m, v } = this.#state.adam;
    for (const [kind, into] of [['value', values], ['m', m], ['v', v]] as const) {
      if (kind !== 'value' && what === 'values') continue;
      for (const { name, offset, length } of this.#trainables.groups) await this.#copies.download(this.#now[kind].get(name)!, into.subarray(offset, offset + length));
    }
  }

  async refill(): Promise<void> {
    const { values, m, v } = this.#state.adam;
    releaseAll(this.#before);
    for (const [kind, from] of [['value', values], ['m', m], ['v', v]] as const) {
      for (const { name, offset, length } of this.#trainables.groups) replace(this.#now[kind], name, await this.#copies.upload(from.subarray(offset, offset + length)));
    }
  }

  /** What was sent comes back as it was. */
  async #check(): Promise<void> {
    const { name, offset, length } = this.#trainables.groups.reduce((least, g) => (g.length < least.length ? g : least));
    const back = new Float32Array(length), sent = this.#state.adam.values;
    await this.#copies.download(this.#now.value.get(name)!, back);
    if (!back.every((x, i) => x === sent[offset + i])) throw new AnnealError('runtime-failed', 'values that were sent to it did not come back as they were.');
  }

  /** Before the programs that made the gradients go. */
  async dispose(): Promise<void> {
    release(this.#grads);
    releaseAll(this.#now);
    releaseAll(this.#before);
    for (const { update, norm, sum } of this.#parts) for (const program of [update, norm, sum]) await program.dispose();
    await this.#copies.dispose();
  }
}

const NOTHING = new Float32Array(0);
const empty = (): Resident => ({ value: new Map(), m: new Map(), v: new Map() });

async function compilePart(groups: readonly TrainableGroup[], { config, compile: options }: DeviceOptimiserOptions): Promise<Part> {
  const kept = (...kinds: string[]): string[] => kinds.flatMap((kind) => groups.map((g) => `next_${kind}:${g.name}`));
  const made: Program[] = [];
  const add = async (graph: Graph, keep: string[]): Promise<Program> => {
    const program = await compile(graph, { ...options, optimization: 'disabled', keep });
    made.push(program);
    return program;
  };
  try {
    return { groups, update: await add(updateGraph(groups, adamwOptions(config)), kept(...KINDS)), norm: await add(normGraph(groups), []), sum: await add(sumGraph(groups), kept('sum')) };
  } catch (error) {
    for (const program of made) await program.dispose();
    throw error;
  }
}

/** Consecutive groups, as many as fit in a part. */
export function partsOf(groups: readonly TrainableGroup[], limit = PART): TrainableGroup[][] {
  const parts: TrainableGroup[][] = [];
  let held = Infinity;
  for (const group of groups) {
    if (held + group.length > limit) {
      parts.push([]);
      held = 0;
    }
    parts.at(-1)!.push(group);
    held += group.length;
  }
  return parts;
}

const tensorFeeds = (kind: string, groups: readonly TrainableGroup[], tensors: Tensors): Record<string, Feed> => Object.fromEntries(groups.map((g) => [`${kind}:${g.name}`, tensors.get(g.name)!]));

function drop(tensors: Tensors, name: string): void {
  tensors.get(name)?.release();
  tensors.delete(name);
}
function replace(tensors: Tensors, name: string, tensor: DeviceTensor): void {
  tensors.get(name)?.release();
  tensors.set(name, tensor);
}
function release(tensors: Tensors): void {
  for (const tensor of tensors.values()) tensor.release();
  tensors.clear();
}
function releaseAll(state: Resident): void { for (const kind of KINDS) release(state[kind]); }
