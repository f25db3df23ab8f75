/**
 * Hands message ports to the page and does nothing else. The page asks with a window message, because the preload also runs in the empty first document
 * (it does when Playwright is attached), which must not get a port. Main checks who asks.
 */
import { ipcRenderer } from 'electron';

window.addEventListener('message', (e: MessageEvent<{ anneal?: string; want?: unknown } | null>) => {
  if (e.source !== window || e.origin !== location.origin || e.data?.anneal !== 'connect') return;
  ipcRenderer.send('anneal:connect', e.data.want);
});
ipcRenderer.on('anneal:connect', (e, want: unknown) => {
  window.postMessage({ anneal: 'port', want }, location.origin, e.ports);
});
