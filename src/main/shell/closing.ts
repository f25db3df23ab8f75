/** Quitting while something trains: asks once, then keeps running without a window, stops safely, or stays. Also keeps the machine awake while a run is active. */
import { app, dialog, powerMonitor, powerSaveBlocker } from 'electron';
import type { BrowserWindow } from 'electron';
import type { HostLink } from './host-link.ts';
import type { WindowState } from './window-state.ts';
import { WORDS } from './words.ts';

const STOP_MS = 120_000;
/** What the operating system leaves us when the session ends. */
const SESSION_END_MS = 10_000;

export interface Closing { show(): void }

export function guardClosing(window: BrowserWindow, host: HostLink, locale: () => WindowState['locale']): Closing {
  let decided = false, asking = false, background = false, blocker: number | undefined;

  const finish = async (): Promise<void> => {
    decided = true;
    await host.supervisor.stop();
    app.quit();
  };
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const words = WORDS[locale()];
    const { response } = await dialog.showMessageBox(window, { type: 'question', message: words.quitTitle(host.runs.length), detail: words.quitDetail, buttons: [words.keep, words.stop, words.cancel], defaultId: 0, cancelId: 2, noLink: true });
    if (response === 0) { background = true; window.hide(); }
    if (response === 1) {
      if (await host.stopAll(STOP_MS)) await finish();
      else {
        const again = await dialog.showMessageBox(window, { type: 'warning', message: words.stopFailed, detail: words.stopFailedDetail, buttons: [words.cancel, words.quitAnyway], defaultId: 0, cancelId: 0, noLink: true });
        if (again.response === 1) await finish();
      }
    }
    asking = false;
  };
  const onClose = (e: { preventDefault: () => void }): void => {
    if (decided) return;
    e.preventDefault();
    if (host.runs.length > 0) void ask(); else void finish();
  };
  window.on('close', onClose);
  app.on('before-quit', onClose);

  const endOfSession = (e?: { preventDefault?: () => void }): void => {
    e?.preventDefault?.();
    void host.stopAll(SESSION_END_MS).then(finish);
  };
  powerMonitor.on('shutdown', endOfSession);
  window.on('session-end', () => { endOfSession(); });

  host.onActivity((runs) => {
    if (runs.length > 0) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== undefined) { powerSaveBlocker.stop(blocker); blocker = undefined; }
    // Without a window there is nothing to stay for once the runs are over. A host that is starting again is not the end of them.
    if (background && runs.length === 0 && host.supervisor.child !== undefined) void finish();
  });
  return { show: () => { background = false; if (window.isMinimized()) window.restore(); window.show(); window.focus(); } };
}
