/** The host: store, engines, jobs and services in one process, behind the contract. Composes; decides nothing. Never loads onnxruntime or engine code. */
import { contract } from '../../shared/contract.ts';
import { hostControlContract } from '../../shared/process-contract.ts';
import type { Channel } from '../../shared/rpc/channel.ts';
import { createServer } from '../../shared/rpc/server.ts';
import type { SystemInfo } from '../../shared/schema/system.ts';
import { homeFolder } from '../store/home.ts';
import { openStore } from '../store/open.ts';
import type { Spawner } from '../supervise/spawner.ts';
import type { HostContext } from './context.ts';
import type { CardSources } from './card-memory.ts';
import { controlService } from './control.ts';
import { DatasetCatalog } from './dataset-catalog.ts';
import { DemoJobs } from './demo/demo-jobs.ts';
import { Devices } from './devices.ts';
import { Embedded } from './embedded.ts';
import { Engines } from './engines.ts';
import type { EngineOptions } from './engines.ts';
import { ExportJobs } from './exports/export-jobs.ts';
import { RewardCards } from './reward/reward-cards.ts';
import { RunJobs } from './jobs/run-jobs.ts';
import { Downloads } from './hub/downloads.ts';
import type { DownloadsOptions } from './hub/downloads.ts';
import { fileLog } from './log.ts';
import { freeBytes, physicalCores } from './machine.ts';
import { ModelCatalog } from './model-catalog.ts';
import { ImportJobs } from './import-jobs.ts';
import { Resolver } from './resolve.ts';
import { productVersion, resourcesFolder } from './resources.ts';
import { createRoots } from './roots.ts';
import { services } from './services/index.ts';

export interface HostOptions {
  /** Data folder; default: ANNEAL_HOME or the platform's. */
  home?: string | undefined;
  spawner: Spawner;
  mode: SystemInfo['mode'];
  /** Where the embedded model and data are; null: none. Default: found beside the program. */
  resources?: string | null;
  /** Continue interrupted runs at the start, as the setting says. A command line does only what it was told. */
  autoResume?: boolean;
  /** Any readable path may be named; otherwise only roots.ts. Default: only for the command line. */
  anyPath?: boolean;
  engines?: Pick<EngineOptions, 'idleMs' | 'startMs' | 'liveness'>;
  /** Free bytes of the disk that holds a folder (tests). */
  freeBytes?: (folder: string) => Promise<number>;
  /** Where a graphics card's memory is looked up (tests). */
  cards?: CardSources;
  /** How a hub is asked (tests). */
  hub?: Pick<DownloadsOptions, 'env' | 'idleMs' | 'second' | 'free'>;
  /** Milliseconds of one second of back-off (tests). */
  second?: number;
}

export interface Host {
  readonly context: HostContext;
  /** Serves the contract on this channel until it closes. */
  accept(channel: Channel): void;
  /** Serves the supervisor's questions. */
  acceptControl(channel: Channel): void;
  /** Lets the step under way finish and save, ends the engines, closes the store. */
  close(): Promise<void>;
}

export async function createHost(options: HostOptions): Promise<Host> {
  const store = openStore(homeFolder(options.home));
  try {
    const log = fileLog(store.home.log), version = productVersion(), resources = options.resources === undefined ? resourcesFolder() : options.resources;
    const roots = createRoots({ any: options.anyPath ?? options.mode === 'cli', home: store.home.root, resources });
    const engines = new Engines({ spawner: options.spawner, log, ...options.engines });
    const models = new ModelCatalog(store, engines, roots), datasets = new DatasetCatalog(store, roots), resolver = new Resolver(store, models, datasets);
    const devices = new Devices({ engines, setting: () => store.settings.get().device, threads: () => store.settings.get().threads || physicalCores(), cardLimit: () => bytesOf(store.settings.get().device_memory_gb), ...(options.cards === undefined ? {} : { sources: options.cards }) });
    const runs = new RunJobs({ store, engines, devices, log, ...(options.second === undefined ? {} : { second: options.second }) });
    await runs.takeUp(options.autoResume === true && store.settings.get().resume_interrupted);
    const embedded = new Embedded(store, resources, models, datasets, log);
    const exporting = new ExportJobs({ store, engines, roots, log, version, freeBytes: options.freeBytes ?? freeBytes });
    await exporting.takeUp();
    const hub = new Downloads({
      models: store.home.models, tokenFile: store.home.hubToken, log, importModel: async (path, name, from) => store.models.change((await models.import(path, { name })).id, { hub: from }), listModels: () => store.models.list(),
      families: () => engines.use('data', async (api) => (await api.model.families({})).families), ...options.hub,
    });
    const imports = new ImportJobs(models, log);
    const demo = new DemoJobs({ store, engines, runs, resolver, embedded, log });
    const rewards = new RewardCards({ store, engines, log, patient: options.mode === 'cli' });
    const context: HostContext = { rewards, store, engines, devices, models, imports, datasets, resolver, runs, demo, exports: exporting, hub, embedded, roots, log, mode: options.mode, version };
    const onError = (id: string, request: string, error: unknown): void => { log.error(`incident ${id} in ${request}`, error); };
    const server = createServer(contract, services(context), { version, log: onError }), control = createServer(hostControlContract, controlService(context), { version, log: onError });
    log.info(`host ${version} started (${options.mode}, process ${process.pid})`);
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await hub.close();
      await imports.close();
      await demo.close();
      await exporting.close();
      await runs.close();
      await rewards.close();
      server.close();
      control.close();
      await engines.close();
      await embedded.ready;
      log.info('host closed');
      store.close();
    };
    return { context, accept: (channel) => { server.accept(channel); }, acceptControl: (channel) => { control.accept(channel); }, close: () => closing ??= close() };
  } catch (e) {
    store.close();
    throw e;
  }
}

const bytesOf = (gigabytes: number | null): number | null => (gigabytes === null ? null : gigabytes * 1e9);
