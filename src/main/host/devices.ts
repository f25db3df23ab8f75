/** Which device a run gets. Devices are tried in an engine of their own, once a life of the host, because a driver may end the process that loads it. */
import { AnnealError, errorShape } from '../../shared/errors.ts';
import { SELF_TEST_STEPS, type CardMemory, type ChosenDevice, type DeviceAnswer, type DeviceChoice, type DeviceProbe, type DeviceTest, type Precision, type ProviderId, type SelfTestStep } from '../../shared/schema/device.ts';
import type { Recipe } from '../../shared/schema/recipe.ts';
import type { SystemInfo } from '../../shared/schema/system.ts';
import { cardMemory, type CardSources } from './card-memory.ts';
import type { Engines } from './engines.ts';

/** Chosen by themselves, best first. DirectML and CoreML only when named: they were never tried with these graphs. */
const AUTOMATIC: readonly ProviderId[] = ['cuda', 'webgpu'];
/** A device must be so much faster at matrix products than the processor before it is chosen: copies and small kernels cost it more. */
const WORTH = 2;

export interface DevicesOptions { engines: Engines; setting: () => DeviceChoice; threads: () => number; /** Most bytes of a card's memory to plan with; null: what is free. */ cardLimit?: () => number | null; /** Where a card's memory is looked up. */ sources?: CardSources }
type Wanted = Pick<Recipe, 'device' | 'precision'> & { compute?: string };
type Listed = SystemInfo['providers'][number];

export class Devices {
  readonly #options: DevicesOptions;
  #listed: Promise<readonly Listed[]> | undefined;
  readonly #probes = new Map<ProviderId, Promise<DeviceProbe>>();
  readonly #tests = new Map<ProviderId, DeviceTest>();
  constructor(options: DevicesOptions) { this.#options = options; }

  /** What the executor has, untried. */
  list(): Promise<readonly Listed[]> {
    const listed = this.#listed ??= this.#options.engines.use('data', async (api) => (await api.engine.info({})).providers);
    listed.catch(() => { this.#listed = undefined; });
    return listed;
  }

  /** Forgets what was found: files were fetched, or a driver installed. */
  forget(): void { this.#listed = undefined; this.#probes.clear(); this.#tests.clear(); }

  /** Self-tests that came to their end. */
  get tests(): DeviceTest[] { return [...this.#tests.values()]; }

  /** Memory of a card, asked anew: what is free changes. */
  memory(id: ProviderId, software: boolean): Promise<CardMemory> { return cardMemory(id, { software, limit: this.#options.cardLimit?.() ?? null }, this.#options.sources); }

  probe(id: ProviderId): Promise<DeviceProbe> {
    const known = this.#probes.get(id) ?? this.#tryOne(id);
    this.#probes.set(id, known);
    return known;
  }

  async #tryOne(id: ProviderId): Promise<DeviceProbe> {
    try { return await this.#options.engines.use('device', (api) => api.engine.probe({ device: id, threads: this.#options.threads() })); } catch (e) {
      return { id, ok: false, reason: `Trying it ended the process: ${errorShape(e).message}`, software: false, half: false, gflops: null };
    }
  }

  /** Steps as they end. The death of the process is a failed step, not an error. */
  async *selfTest(device: ProviderId): AsyncGenerator<SelfTestStep> {
    let done = 0, failed: SelfTestStep | undefined;
    try {
      for await (const step of this.#options.engines.stream('device', (api) => api.engine.selfTest({ device, threads: this.#options.threads() }))) { done++; if (!step.ok) failed ??= step; yield step; }
    } catch (e) {
      const step = SELF_TEST_STEPS[done];
      if (step === undefined) throw e;
      failed ??= { device, step, ok: false, text: errorShape(e).message, seconds: 0 };
      this.#ended(device, failed);
      yield failed;
      return;
    }
    if (done === SELF_TEST_STEPS.length) this.#ended(device, failed);
  }

  #ended(device: ProviderId, failed: SelfTestStep | undefined): void { this.#tests.set(device, { device, ok: failed === undefined, text: failed?.text ?? '', at: Date.now() }); }

  /** The same as an answer: a refusal is one too. */
  async answer(wanted: Wanted): Promise<DeviceAnswer> {
    const named = wanted.device ?? this.#options.setting();
    try {
      const chosen = await this.choose(wanted);
      return { chosen, problem: null, half: chosen.id === 'cpu' ? false : (await this.probe(chosen.id)).half };
    } catch (e) {
      if (!(e instanceof AnnealError) || (e.code !== 'unavailable' && e.code !== 'recipe-value')) throw e;
      return { chosen: null, problem: e.message, half: named === 'cpu' ? false : named === 'auto' ? null : (await this.probe(named)).half };
    }
  }

  /** For a run that goes on: the device that it had, so that it stays the same. Where that cannot be used any more and the recipe names none, another one, and it is said. */
  async again(before: ChosenDevice, wanted: Wanted): Promise<ChosenDevice> {
    try {
      return { ...await this.choose({ ...wanted, device: before.id, precision: before.precision }), why: `${before.id}: this run began on it` };
    } catch (e) {
      if (!(e instanceof AnnealError) || (wanted.device !== undefined && wanted.device !== 'auto')) throw e;
      const other = await this.choose(wanted);
      return { ...other, why: `${other.id}: the run began on ${before.id}, which cannot be used now, so that its last digits may differ` };
    }
  }

  /** Refuses, with the reason, what cannot be had. */
  async choose({ device, precision = 'fp32', compute }: Wanted): Promise<ChosenDevice> {
    const choice = device ?? this.#options.setting();
    if (choice === 'cpu') return this.#cpu(precision, 'cpu: as chosen');
    if (choice !== 'auto') {
      if (compute === 'int8') throw new AnnealError('recipe-value', `train.compute: int8 is arithmetic of the processor; choose device: cpu for it, or compute: fp32 for ${choice}.`, { path: 'train.compute' });
      const probe = await this.probe(choice);
      if (!probe.ok) throw new AnnealError('unavailable', `device: ${choice} cannot be used here. ${sentence(probe.reason)} Choose device: cpu or auto.`, { path: 'device', device: choice });
      return this.#gpu(probe, precision, `${choice}: as chosen${probe.software ? '; it is a software renderer, which computes on the processor' : ''}`);
    }
    if (compute === 'int8') return this.#cpu(precision, 'cpu: chosen by itself, because compute: int8 is arithmetic of the processor');
    const listed = await this.list().catch((): Listed[] => []); // an engine that does not start says so when the run needs it
    const found = AUTOMATIC.flatMap((id) => listed.filter((p) => p.id === id && p.available && p.software !== true));
    const why: string[] = [];
    for (const { id } of found) {
      const [probe, cpu] = [await this.probe(id as ProviderId), await this.probe('cpu')];
      const speeds = `${rate(probe)} GFLOP/s in matrix products, the processor at ${rate(cpu)}`;
      if (!probe.ok) why.push(`${id} does not work here (${probe.reason ?? 'no reason given'})`);
      else if ((probe.gflops ?? 0) < WORTH * (cpu.gflops ?? Infinity)) why.push(`${id} runs at ${speeds}, too little to gain`);
      else if (precision === 'fp16' && !probe.half) why.push(`${id} has no float16`);
      else return this.#gpu(probe, precision, `${id}: chosen by itself, it runs at ${speeds}`);
    }
    return this.#cpu(precision, `cpu: chosen by itself, because ${why.length > 0 ? why.join(' and ') : 'no graphics card can be used here'}`);
  }

  #cpu(precision: Precision, why: string): ChosenDevice {
    if (precision === 'fp16') throw new AnnealError('recipe-value', `precision: fp16 needs a graphics card with float16, but the run would be computed on the processor (${why}); choose precision: fp32.`, { path: 'precision' });
    return { id: 'cpu', precision, why };
  }

  async #gpu(probe: DeviceProbe, precision: Precision, why: string): Promise<ChosenDevice> {
    if (precision === 'fp16' && !probe.half) throw new AnnealError('recipe-value', `precision: fp16 cannot be used on ${probe.id}: the device does not report float16; choose precision: fp32.`, { path: 'precision' });
    // tfjs has an executor of its own, with memory that nobody reports.
    return { id: probe.id, precision, why, ...(probe.id === 'tfjs' ? {} : { memory: await this.memory(probe.id, probe.software) }) };
  }
}

const rate = (p: DeviceProbe): string => (p.gflops === null ? 'an unknown speed of' : String(Math.round(p.gflops)));
const sentence = (text: string | null): string => (text === null || text === '' ? 'No reason was given.' : /[.!?]$/.test(text) ? text : `${text}.`);

/** What of a recipe decides its device. */
export const wantedDevice = (recipe: Recipe): Wanted => ({ device: recipe.device, precision: recipe.precision, compute: 'compute' in recipe.train ? String(recipe.train.compute) : 'fp32' });
