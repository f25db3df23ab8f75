/** Headless entry: the page over loopback HTTP, one host for all tabs. Prints the link that opens it. Options: --port N, --home DIR. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { contract } from '../shared/contract.ts';
import { joinChannels } from '../shared/rpc/channel.ts';
import type { Channel } from '../shared/rpc/channel.ts';
import { createClient } from '../shared/rpc/client.ts';
import { refusal } from '../shared/rpc/protocol.ts';
import { homeFolder } from './store/home.ts';
import { fromSource, mainFolder } from './supervise/child-entry.ts';
import { nodeSpawner } from './supervise/spawn-node.ts';
import { EXIT_UNUSABLE, Supervisor } from './supervise/supervisor.ts';
import { startPageServer } from './web/page-server.ts';
import type { PageServer } from './web/page-server.ts';

export interface ServeOptions { port?: number; home?: string; key?: string; log?: (line: string) => void }
export interface Serving { readonly link: string; readonly port: number; close(): Promise<void> }

/** Starts the host and the server; resolves when the page can be opened. */
export async function serve({ port = 0, home, key, log = console.error }: ServeOptions = {}): Promise<Serving> {
  const root = fromSource ? join(mainFolder(), '../../out/renderer') : join(mainFolder(), '../renderer');
  if (!existsSync(join(root, 'index.html'))) throw new Error('The page is not built yet: run npm run build first.');
  const host = new Supervisor(nodeSpawner(), { entry: 'host', name: 'host', env: { ANNEAL_FACE: 'browser', ANNEAL_HOME: homeFolder(home) } }, {
    ready: (child) => {
      child.onLine((line) => { if (!/^error [a-z-]+: /.test(line)) log(`[host] ${line}`); }); // its last words come with the exit
      const probe = createClient(contract, child.open('app'));
      return probe.hello.then(() => { probe.close(); });
    },
  });
  host.onExit((exit) => { if (exit.reason !== 'clean' && exit.code !== EXIT_UNUSABLE) log(`The host process ended (${exit.reason}).`); });
  host.start();
  let server: PageServer;
  try {
    // A tab may come while the host is starting again: it waits.
    server = await startPageServer({ root, port, key, onPage: (page) => { connect(host, page); } });
  } catch (e) { await host.stop(); throw e; }
  try { await host.whenReady(); } catch (e) { await server.close(); throw e; }
  return { link: server.link, port: server.port, close: async () => { await server.close(); await host.stop(); } };
}

function connect(host: Supervisor, page: Channel): void {
  host.whenReady().then((child) => { joinChannels(page, child.open('app')); }, (e: unknown) => {
    page.send(refusal({ code: 'unavailable', message: e instanceof Error ? e.message : String(e) }));
    page.close();
  });
}

/** The command: runs until it is told to end. */
export async function serveCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { port: { type: 'string' }, home: { type: 'string' } } });
  const port = Number(values.port ?? process.env['PORT'] ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`"${values.port ?? process.env['PORT']}" is no port: give a number from 1 to 65535, or none for a free one.`);
  const serving = await serve({ port, home: values.home, key: process.env['ANNEAL_KEY'] });
  console.log(serving.link);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => { resolve(); });
    // Started by a program (npm start, a test): end with it.
    process.once('disconnect', () => { resolve(); });
  });
  await serving.close();
}

if (process.argv[1] !== undefined && /[\\/]serve\.(ts|cjs)$/.test(process.argv[1])) {
  serveCommand(process.argv.slice(2)).then(() => process.exit(0), (e: unknown) => {
    const inUse = e instanceof Error && 'code' in e && e.code === 'EADDRINUSE';
    console.error(inUse ? 'This port is in use: choose another one with --port, or leave it out for a free one.' : e instanceof Error ? e.message : e);
    process.exit(1);
  });
}
