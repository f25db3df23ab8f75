/** Stands for the program's main process in the kill tests: supervises a real host and passes one channel of it on to the test. */
import { joinChannels } from '../../src/shared/rpc/channel.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import { contract } from '../../src/shared/contract.ts';
import { ipcChannel } from '../../src/shared/rpc/process-channel.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { Supervisor } from '../../src/main/supervise/supervisor.ts';

const host = new Supervisor(nodeSpawner(), { entry: 'host', name: 'host', env: { ANNEAL_FACE: 'browser' } }, { ready: (child) => createClient(contract, child.open('app')).hello });
host.start();
const test = ipcChannel(process);
test.onClose(() => { host.stop().then(() => process.exit(0), () => process.exit(1)); });
host.whenReady().then((child) => { joinChannels(test, child.open('app')); }, () => process.exit(1));
