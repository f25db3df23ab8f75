/**
 * Counts every network connection that this process tries to open, and refuses them all when ANNEAL_OFFLINE=refuse. Pipes and Unix sockets are not network.
 * Limits: it sees what JavaScript opens through node:net and node:dgram (so also http, tls and fetch); a native addon with sockets of its own would pass unseen.
 */
import dgram from 'node:dgram';
import net from 'node:net';

let connections = 0;
let installed = false;

/** Connections tried since the start of the process. */
export const connectionCount = (): number => connections;

/** Call before anything else runs. */
export function installNetworkGuard(env: NodeJS.ProcessEnv = process.env): void {
  if (installed) return;
  installed = true;
  const refuse = env['ANNEAL_OFFLINE'] === 'refuse';
  const refused = (): Error => Object.assign(new Error('Network connections are refused (ANNEAL_OFFLINE=refuse).'), { code: 'ENETUNREACH' });
  wrap(net.Socket.prototype, 'connect', function (original, args) {
    if (isLocalPipe(args)) return original.apply(this, args);
    connections++;
    if (!refuse) return original.apply(this, args);
    (this as net.Socket).destroy(refused());
    return this;
  });
  for (const method of ['send', 'connect'] as const) {
    wrap(dgram.Socket.prototype, method, function (original, args) {
      connections++;
      if (!refuse) return original.apply(this, args);
      throw refused();
    });
  }
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
function wrap(target: object, name: string, by: (this: unknown, original: Method, args: unknown[]) => unknown): void {
  const holder = target as Record<string, Method>, original = holder[name];
  if (original) holder[name] = function (this: unknown, ...args: unknown[]) { return by.call(this, original, args); };
}

/** Node calls `connect` with options, with (port, host), with (path), or with its own array of already normalised arguments. */
function isLocalPipe(args: readonly unknown[]): boolean {
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  if (typeof first === 'string') return Number.isNaN(Number(first));
  return typeof first === 'object' && first !== null && 'path' in first && typeof first.path === 'string' && first.path !== '';
}
