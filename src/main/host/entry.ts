/** Entry of the host process: opens the store and serves whoever the parent connects. Ends with its parent, after the step under way is saved. */
import { errorShape } from '../../shared/errors.ts';
import { connectHostParent } from '../supervise/host-parent.ts';
import { createHost } from './host.ts';
import type { Host } from './host.ts';
import { installNetworkGuard } from '../supervise/network-guard.ts';

/** What the supervisor understands as "starting again will not help". */
const EXIT_UNUSABLE = 3;

async function main(): Promise<void> {
  installNetworkGuard();
  const parent = connectHostParent(process);
  let host: Host;
  try {
    host = await createHost({ spawner: parent.spawner, mode: process.env['ANNEAL_FACE'] === 'browser' ? 'browser' : 'desktop', autoResume: true });
  } catch (e) {
    // The last line is what a supervisor shows.
    const { code, message } = errorShape(e);
    console.error(`error ${code}: ${message}`);
    process.exit(EXIT_UNUSABLE);
  }
  parent.onApp((channel) => { host.accept(channel); });
  parent.onControl((channel) => { host.acceptControl(channel); });
  const finish = (): void => { host.close().then(() => process.exit(0), (e: unknown) => { console.error(e); process.exit(1); }); };
  parent.onClose(finish);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, finish);
}

void main();
