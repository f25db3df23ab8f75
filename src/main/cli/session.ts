/** The host inside this process, for the length of one command. Engines are processes of their own, as everywhere. */
import { memoryPair } from '../../shared/rpc/channel.ts';
import { createClient } from '../../shared/rpc/client.ts';
import type { Client } from '../../shared/rpc/define.ts';
import { contract } from '../../shared/contract.ts';
import type { Contract } from '../../shared/contract.ts';
import { createHost } from '../host/host.ts';
import type { Host } from '../host/host.ts';
import { nodeSpawner } from '../supervise/spawn-node.ts';

export interface Session { host: Host; api: Client<Contract> }

export async function withHost<T>(home: string | undefined, work: (session: Session) => Promise<T>): Promise<T> {
  const host = await createHost({ home, spawner: nodeSpawner(), mode: 'cli' });
  try {
    const [near, far] = memoryPair();
    host.accept(far);
    return await work({ host, api: createClient(contract, near).api });
  } finally { await host.close(); }
}
