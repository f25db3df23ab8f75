/** Composes the desktop app: one instance, one window, one host. Decides nothing itself. */
import { app } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { electronPortChannel } from '../../shared/rpc/port-channel.ts';
import { createServer } from '../../shared/rpc/server.ts';
import { shellContract } from '../../shared/shell-contract.ts';
import { guardClosing } from './closing.ts';
import { HostLink } from './host-link.ts';
import { lockDown, switchNetworkOff } from './lockdown.ts';
import { builtFiles, openMainWindow, pageUrl } from './main-window.ts';
import { setMenu } from './menu.ts';
import { developmentUrl, registerPageScheme, servePageScheme } from './page-scheme.ts';
import { handOverPorts } from './port-handover.ts';
import { shellService } from './shell-service.ts';
import { portOf } from './spawn-utility.ts';
import { readWindowState, writeWindowState } from './window-state.ts';
import type { WindowState } from './window-state.ts';

export interface DesktopOptions {
  /** out/main in a build. */
  mainFolder: string;
  /** Anneal's data folder. */
  home: string;
}

/** Call at once when the program starts. */
export function startDesktop(options: DesktopOptions): void {
  compose(options).catch((e: unknown) => {
    console.error(e instanceof Error ? e.message : e);
    app.exit(1);
  });
}

async function compose({ mainFolder, home }: DesktopOptions): Promise<void> {
  const development = developmentUrl(app.isPackaged), files = builtFiles(mainFolder);
  // The window's own files follow the data folder, so that two data folders are two programs.
  if (process.env['ANNEAL_HOME'] !== undefined) app.setPath('userData', join(home, 'window'));
  if (!app.requestSingleInstanceLock()) { console.log('Anneal is running already: its window was brought to the front.'); app.exit(0); return; }
  registerPageScheme();
  switchNetworkOff(development);
  const host = new HostLink();
  host.supervisor.start(); // while Electron itself still starts

  await app.whenReady();
  const stateFile = join(app.getPath('userData'), 'window.json');
  let state = readWindowState(stateFile);
  const save = (change: Partial<WindowState>): void => { state = { ...state, ...change }; writeWindowState(stateFile, state); };
  lockDown(development, (url) => { console.error(`Refused a request to ${url.slice(0, 200)}`); });
  if (!existsSync(join(files.page, 'index.html')) && development === undefined) throw new Error('The page is not built: run npm run build.');
  servePageScheme(files.page);
  setMenu();
  const window = openMainWindow({ preload: files.preload, state, save });
  const closing = guardClosing(window, host, () => state.locale);
  app.on('second-instance', () => { closing.show(); });
  app.on('activate', () => { closing.show(); });
  const shell = createServer(shellContract, shellService({ window, host, home, state: () => state, save }), { log: (id, name, e) => { console.error(`incident ${id} in ${name}:`, e); } });
  handOverPorts({ window, development, host: (port) => { void host.attach(port); }, shell: (port) => { shell.accept(electronPortChannel(portOf(port))); } });
  await window.loadURL(pageUrl(development));
}
