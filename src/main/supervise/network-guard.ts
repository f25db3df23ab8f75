/**
 * Counts every network connection that this process tries to open, and refuses them, unless a person has asked for a transfer: then, while it runs, connections to its own addresses are let through.
 * ANNEAL_OFFLINE=refuse refuses those too. Pipes and Unix sockets are not network.
 * Limits: it sees what JavaScript opens through node:net and node:dgram (so also http, tls and fetch); a native addon with sockets of its own would pass unseen.
 */
import dgram from 'node:dgram';
import net from 'node:net';

/** The network, opened for one purpose: only to the addresses that it names, only until it is closed. */
export interface NetworkUse { readonly purpose: string; allow(host: string, port: number): void; close(): void }

let connections = 0;
let installed = false;
const uses = new Map<NetworkUse, { addresses: Set<string>; sockets: Set<net.Socket> }>();

/** Connections tried since the start of the process. */
export const connectionCount = (): number => connections;
/** What the network is open for now, in words. */
export const networkPurposes = (): string[] => [...uses.keys()].map((u) => u.purpose);

export function openNetwork(purpose: string): NetworkUse {
  const addresses = new Set<string>(), sockets = new Set<net.Socket>();
  // Closing ends connections that are kept alive for later, too.
  const use: NetworkUse = { purpose, allow: (host, port) => { addresses.add(key(host, port)); }, close: () => { uses.delete(use); for (const socket of sockets) socket.destroy(); } };
  uses.set(use, { addresses, sockets });
  return use;
}

const key = (host: string, port: number): string => `${host.toLowerCase().replace(/^\[|\]$/g, '')}:${port}`;

/** Call before anything else runs. */
export function installNetworkGuard(env: NodeJS.ProcessEnv = process.env): void {
  if (installed) return;
  installed = true;
  const never = env['ANNEAL_OFFLINE'] === 'refuse';
  const refused = (): Error => Object.assign(new Error(never ? 'Network connections are refused (ANNEAL_OFFLINE=refuse).' : 'Network connections are refused: nobody asked for this one.'), { code: 'ENETUNREACH' });
  wrap(net.Socket.prototype, 'connect', function (original, args) {
    if (isLocalPipe(args)) return original.apply(this, args);
    connections++;
    const socket = this as net.Socket, use = never ? undefined : useFor(args);
    if (use) {
      use.sockets.add(socket);
      socket.once('close', () => { use.sockets.delete(socket); });
      return original.apply(this, args);
    }
    socket.destroy(refused());
    return this;
  });
  for (const method of ['send', 'connect'] as const) {
    wrap(dgram.Socket.prototype, method, () => { connections++; throw refused(); });
  }
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
function wrap(target: object, name: string, by: (this: unknown, original: Method, args: unknown[]) => unknown): void {
  const holder = target as Record<string, Method>, original = holder[name];
  if (original) holder[name] = function (this: unknown, ...args: unknown[]) { return by.call(this, original, args); };
}

/** Node calls `connect` with options, with (port, host), with (path), or with its own array of already normalised arguments. */
const firstOf = (args: readonly unknown[]): unknown => (Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0]);

function isLocalPipe(args: readonly unknown[]): boolean {
  const first = firstOf(args);
  if (typeof first === 'string') return Number.isNaN(Number(first));
  return typeof first === 'object' && first !== null && 'path' in first && typeof first.path === 'string' && first.path !== '';
}

function useFor(args: readonly unknown[]): { addresses: Set<string>; sockets: Set<net.Socket> } | undefined {
  const first = firstOf(args);
  const [host, port] = typeof first === 'object' && first !== null ? [Reflect.get(first, 'host') as unknown, Reflect.get(first, 'port') as unknown] : [args[1], first];
  const address = key(typeof host === 'string' ? host : 'localhost', Number(port));
  return [...uses.values()].find((use) => use.addresses.has(address));
}
