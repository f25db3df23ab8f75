/** The registry of services: one line a namespace of the contract. */
import type { Contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';
import { adaptersService } from './adapters.ts';
import { cachesService } from './caches.ts';
import { changesService } from './changes.ts';
import { chatService } from './chat.ts';
import { datasetsService } from './datasets.ts';
import { devicesService } from './devices.ts';
import { demoService } from './demo.ts';
import { exportsService } from './exports.ts';
import { filesService } from './files.ts';
import { hubService } from './hub.ts';
import { modelsService } from './models.ts';
import { recipesService } from './recipes.ts';
import { rewardsService } from './rewards.ts';
import { runsService } from './runs.ts';
import { settingsService } from './settings.ts';
import { systemService } from './system.ts';

export const services = (ctx: HostContext): Service<Contract> => ({
  system: systemService(ctx),
  devices: devicesService(ctx),
  settings: settingsService(ctx),
  caches: cachesService(ctx),
  changes: changesService(ctx),
  files: filesService(ctx),
  models: modelsService(ctx),
  hub: hubService(ctx),
  adapters: adaptersService(ctx),
  datasets: datasetsService(ctx),
  recipes: recipesService(ctx),
  runs: runsService(ctx),
  chat: chatService(ctx),
  rewards: rewardsService(ctx),
  exports: exportsService(ctx),
  demo: demoService(ctx),
});
