/** A small Electron program out of the shell's own parts: its page scheme, port hand-over and relay, with the benchmark's child instead of the host. `ANNEAL_BENCH_SPAWNER=utility` uses a utility process. */
import { app, BrowserWindow } from 'electron';
import { join } from 'node:path';
import { joinChannels } from '../../src/shared/rpc/channel.ts';
import { electronPortChannel } from '../../src/shared/rpc/port-channel.ts';
import { lockDown, switchNetworkOff } from '../../src/main/shell/lockdown.ts';
import { PAGE_ORIGIN, registerPageScheme, servePageScheme } from '../../src/main/shell/page-scheme.ts';
import { handOverPorts } from '../../src/main/shell/port-handover.ts';
import { portOf, utilitySpawner } from '../../src/main/shell/spawn-utility.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';

registerPageScheme();
switchNetworkOff(undefined);
void app.whenReady().then(async () => {
  lockDown(undefined, (url) => { console.error(`refused ${url}`); });
  servePageScheme(join(__dirname, '../renderer'));
  const window = new BrowserWindow({ width: 800, height: 600, webPreferences: { preload: join(__dirname, '../preload/index.cjs'), sandbox: true, contextIsolation: true } });
  const file = join(__dirname, 'child.cjs'), spec = { entry: 'host', name: 'bench' } as const;
  if (process.env['ANNEAL_BENCH_SPAWNER'] === 'utility') {
    const child = utilitySpawner(() => file).spawn(spec);
    child.onLine((line) => { console.error(line); });
    handOverPorts({ window, development: undefined, host: (port) => { child.hand('app', port); }, shell: (port) => { port.close(); } });
  } else {
    const child = nodeSpawner({ execPath: process.env['ANNEAL_ENGINE_NODE'] ?? 'node', entryFile: () => file }).spawn(spec);
    child.onLine((line) => { console.error(line); });
    handOverPorts({ window, development: undefined, host: (port) => { joinChannels(electronPortChannel(portOf(port)), child.open('app')); }, shell: (port) => { port.close(); } });
  }
  await window.loadURL(`${PAGE_ORIGIN}/`);
});
app.on('window-all-closed', () => { app.quit(); });
