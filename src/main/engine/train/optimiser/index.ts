/** Decides where the optimiser of a run lives: on the device where onnxruntime-node can keep tensors there (webgpu), else in this process. */

import { AnnealError } from '../../../../shared/errors.ts';
import { formatBytes } from '../../../../shared/units.ts';
import { isResident } from '../plan/card-memory.ts';
import type { RunSetup } from '../setup.ts';
import { gradientName } from '../trainables.ts';
import { DeviceOptimiser } from './on-device.ts';

export { HostOptimiser } from './on-host.ts';
export type { Optimiser } from './optimiser.ts';

/** Moves the optimiser to the device if that can be; before the first training step is compiled. Returns what the log should say: null where there is nothing to decide. */
export async function settleOptimiser(setup: RunSetup): Promise<string | null> {
  const { options, pool, state, loaded: { trainables } } = setup;
  if (!isResident(options.device ?? 'cpu') || options.optimiser === 'host') return null;
  try {
    const optimiser = await DeviceOptimiser.open({ state, trainables, config: options.config, compile: { provider: options.device, threads: options.threads, traffic: pool.traffic } });
    await setup.optimiser.dispose();
    setup.optimiser = optimiser;
    pool.keep(trainables.groups.map(gradientName));
    return `Trained values and optimiser state (${formatBytes(trainables.length * 4 * 3)}) stay on the device; they are fetched for checkpoints, samples and the end.`;
  } catch (error) {
    if (!(error instanceof AnnealError)) throw error;
    return `The optimiser runs on the processor, and gradients come back at every step, because the device did not hold its state: ${error.message}`;
  }
}
