/** The one IPC channel: the page asks for a port, main checks who asks and hands one over. */
import { ipcMain, MessageChannelMain } from 'electron';
import type { BrowserWindow, IpcMainEvent, MessagePortMain } from 'electron';
import { isOurPage } from './page-scheme.ts';

const CHANNEL = 'anneal:connect';
/** A page asks once when it loads and once after each lost host; more than this in ten seconds is a loop. */
const MOST_IN_TEN_SECONDS = 40;

export interface HandoverOptions { window: BrowserWindow; development: string | undefined; host: (port: MessagePortMain) => void; shell: (port: MessagePortMain) => void }

export function handOverPorts({ window, development, host, shell }: HandoverOptions): void {
  let recent: number[] = [];
  // `id` is the page's own, so that two requests at a time don't take the same port.
  ipcMain.on(CHANNEL, (event, want: unknown, id: unknown) => {
    if (!isTheirs(event, window, development) || (want !== 'host' && want !== 'shell') || typeof id !== 'string' || id.length > 64) return;
    const now = Date.now();
    recent = recent.filter((t) => now - t < 10_000);
    if (recent.push(now) > MOST_IN_TEN_SECONDS) return;
    const { port1, port2 } = new MessageChannelMain();
    event.sender.postMessage(CHANNEL, id, [port2]);
    if (want === 'host') host(port1); else shell(port1);
  });
}

/** The main frame of our own window, showing our own page. The empty first document has the URL '' and is refused. */
function isTheirs(event: IpcMainEvent, window: BrowserWindow, development: string | undefined): boolean {
  const { sender, senderFrame } = event;
  return !window.isDestroyed() && sender.id === window.webContents.id && senderFrame !== null && senderFrame.parent === null && isOurPage(senderFrame.url, development);
}
