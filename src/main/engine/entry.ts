/** Entry of an engine process: serves the engine contract to the host that spawned it, and exits when the host is gone. Never opens the store. */
import { connectParent } from '../../shared/rpc/process-channel.ts';
import { createServer } from '../../shared/rpc/server.ts';
import { installNetworkGuard } from '../supervise/network-guard.ts';
import { engineContract } from './protocol.ts';
import { createEngineService } from './services/index.ts';
import { startWatchdog } from './watchdog.ts';

installNetworkGuard();
startWatchdog();
// Ctrl-C in a terminal reaches every process of the group; the host decides what it means for a run.
process.on('SIGINT', () => undefined);
const parent = connectParent(process);
const service = createEngineService();
const server = createServer(engineContract, service, { log: (id, request, error) => { console.error(`incident ${id} in ${request}:`, error); } });
parent.onChannel((_label, channel) => { server.accept(channel); });
parent.onClose(() => {
  // A run of an orphaned engine ends at a step boundary with a checkpoint; closing the channels aborts it.
  server.close();
  setTimeout(() => { process.exit(0); }, 200);
});
