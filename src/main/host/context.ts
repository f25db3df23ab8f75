/** What the services share. Made once by `createHost`. */
import type { SystemInfo } from '../../shared/schema/system.ts';
import type { Store } from '../store/open.ts';
import type { DatasetCatalog } from './dataset-catalog.ts';
import type { Devices } from './devices.ts';
import type { DemoJobs } from './demo/demo-jobs.ts';
import type { Embedded } from './embedded.ts';
import type { Engines } from './engines.ts';
import type { Downloads } from './hub/downloads.ts';
import type { RunJobs } from './jobs/run-jobs.ts';
import type { ExportJobs } from './exports/export-jobs.ts';
import type { ImportJobs } from './import-jobs.ts';
import type { RewardCards } from './reward/reward-cards.ts';
import type { HostLog } from './log.ts';
import type { ModelCatalog } from './model-catalog.ts';
import type { Resolver } from './resolve.ts';
import type { Roots } from './roots.ts';

export interface HostContext {
  readonly store: Store;
  readonly engines: Engines;
  readonly models: ModelCatalog;
  readonly imports: ImportJobs;
  readonly datasets: DatasetCatalog;
  readonly devices: Devices;
  readonly resolver: Resolver;
  readonly runs: RunJobs;
  readonly demo: DemoJobs;
  readonly exports: ExportJobs;
  readonly rewards: RewardCards;
  readonly hub: Downloads;
  readonly embedded: Embedded;
  readonly roots: Roots;
  readonly log: HostLog;
  readonly mode: SystemInfo['mode'];
  readonly version: string;
}
