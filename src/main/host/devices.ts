/** Which device a run gets. Devices are tried in an engine of their own, once a life of the host, because a driver may end the process that loads it. */
import { AnnealError, errorShape } from '../../shared/errors.ts';
import { SELF_TEST_STEPS, type ChosenDevice, type DeviceChoice, type DeviceProbe, type Precision, type ProviderId, type SelfTestStep } from '../../shared/schema/device.ts';
import type { Recipe } from '../../shared/schema/recipe.ts';
import type { SystemInfo } from '../../shared/schema/system.ts';
import type { Engines } from './engines.ts';

/** Chosen by themselves, best first. DirectML and CoreML only when named: they were never tried with these graphs. */
const AUTOMATIC: readonly ProviderId[] = ['cuda', 'webgpu'];
/** A device must be so much faster at matrix products than the processor before it is chosen: copies and small kernels cost it more. */
const WORTH = 2;

export interface DevicesOptions { engines: Engines; setting: () => DeviceChoice; threads: () => number }
type Wanted = Pick<Recipe, 'device' | 'precision'> & { compute?: string };
type Listed = SystemInfo['providers'][number];

export class Devices {
  readonly #options: DevicesOptions;
  #listed: Promise<readonly Listed[]> | undefined;
  readonly #probes = new Map<ProviderId, Promise<DeviceProbe>>();
  constructor(options: DevicesOptions) { this.#options = options; }

  /** What the executor has, untried. */
  list(): Promise<readonly Listed[]> {
    const listed = this.#listed ??= this.#options.engines.use('data', async (api) => (await api.engine.info({})).providers);
    listed.catch(() => { this.#listed = undefined; });
    return listed;
  }

  /** Forgets what was found: files were fetched, or a driver installed. */
  forget(): void { this.#listed = undefined; this.#probes.clear(); }

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
    let done = 0;
    try {
      for await (const step of this.#options.engines.stream('device', (api) => api.engine.selfTest({ device, threads: this.#options.threads() }))) { done++; yield step; }
    } catch (e) {
      const step = SELF_TEST_STEPS[done];
      if (step === undefined) throw e;
      yield { device, step, ok: false, text: errorShape(e).message, seconds: 0 };
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

  #gpu(probe: DeviceProbe, precision: Precision, why: string): ChosenDevice {
    if (precision === 'fp16' && !probe.half) throw new AnnealError('recipe-value', `precision: fp16 cannot be used on ${probe.id}: the device does not report float16; choose precision: fp32.`, { path: 'precision' });
    return { id: probe.id, precision, why };
  }
}

const rate = (p: DeviceProbe): string => (p.gflops === null ? 'an unknown speed of' : String(Math.round(p.gflops)));
const sentence = (text: string | null): string => (text === null || text === '' ? 'No reason was given.' : /[.!?]$/.test(text) ? text : `${text}.`);

/** What of a recipe decides its device. */
export const wantedDevice = (recipe: Recipe): Wanted => ({ device: recipe.device, precision: recipe.precision, compute: 'compute' in recipe.train ? String(recipe.train.compute) : 'fp32' });
