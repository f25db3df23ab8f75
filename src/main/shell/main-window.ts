/** The one window: made hidden with the right background, shown when painted, reloaded when its renderer dies. */
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { join } from 'node:path';
import { PAGE_ORIGIN } from './page-scheme.ts';
import { BACKGROUND, DEFAULT_SIZE, visibleBounds } from './window-state.ts';
import type { WindowState } from './window-state.ts';

export interface WindowOptions { preload: string; state: WindowState; save: (state: Partial<WindowState>) => void }

export function openMainWindow({ preload, state, save }: WindowOptions): BrowserWindow {
  nativeTheme.themeSource = state.theme;
  const bounds = visibleBounds(state.bounds, screen.getAllDisplays().map((d) => d.workArea));
  const window = new BrowserWindow({
    ...DEFAULT_SIZE, ...bounds, minWidth: 720, minHeight: 480, show: false, autoHideMenuBar: true, title: 'Anneal', backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false, spellcheck: false, devTools: !app.isPackaged },
  });
  if (state.maximized) window.maximize();
  window.once('ready-to-show', () => { window.show(); });
  const remember = (): void => { save({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }); };
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => { clearTimeout(timer); timer = setTimeout(remember, 400); };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('close', () => { clearTimeout(timer); remember(); });
  // A renderer that dies again at once would reload for ever.
  let reloads = 0;
  window.webContents.on('render-process-gone', (_e, details) => {
    console.error(`The page's process has gone (${details.reason}).`);
    if (details.reason !== 'clean-exit' && reloads++ < 3) window.reload();
    setTimeout(() => { reloads = 0; }, 60_000).unref();
  });
  // The page itself is loaded by the entry, which then also reports a failure.
  return window;
}

export const pageUrl = (development: string | undefined): string => development ?? `${PAGE_ORIGIN}/`;
/** In out/: the preload script and the folder of the page. */
export const builtFiles = (mainFolder: string): { preload: string; page: string } => ({ preload: join(mainFolder, '../preload/index.cjs'), page: join(mainFolder, '../renderer') });
