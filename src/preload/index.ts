/**
 * Hands message ports to the page and does nothing else. The page asks with a window message, because the preload also runs in the empty first document
 * (it does when Playwright is attached), which must not get a port. Main checks who asks.
 */
import { ipcRenderer } from 'electron';

window.addEventListener('message', (e: MessageEvent<{ anneal?: string; want?: unknown; id?: unknown } | null>) => {
  if (e.source !== window || e.origin !== location.origin || e.data?.anneal !== 'connect') return;
  ipcRenderer.send('anneal:connect', e.data.want, e.data.id);
});
ipcRenderer.on('anneal:connect', (e, id: unknown) => {
  window.postMessage({ anneal: 'port', id }, location.origin, e.ports);
});
