/** What a window may not do: leave our page, open others, download, ask for permissions or devices, reach any network. */
import { app, session } from 'electron';
import { isOurPage } from './page-scheme.ts';

/** Must run before Electron is ready. No name resolves, so that nothing of Chromium's own can reach out either. */
export function switchNetworkOff(development: string | undefined): void {
  const { commandLine } = app;
  commandLine.appendSwitch('host-resolver-rules', development === undefined ? 'MAP * ~NOTFOUND' : 'MAP * ~NOTFOUND , EXCLUDE localhost');
  for (const name of ['disable-background-networking', 'disable-component-update', 'disable-domain-reliability', 'disable-sync', 'no-pings', 'no-first-run']) commandLine.appendSwitch(name);
  // As root Chromium refuses its sandbox, and enableSandbox() would undo the --no-sandbox that is then needed. The windows are sandboxed in either case.
  if (!commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
}

/** `onBlocked` hears of each request that was refused. */
export function lockDown(development: string | undefined, onBlocked: (url: string) => void): void {
  const { defaultSession } = session;
  const allowed = (url: string): boolean => isOurPage(url, undefined) || /^(data|blob|devtools|chrome-extension):/.test(url) || (development !== undefined && (isOurPage(url, development) || isOurPage(url.replace(/^ws/, 'http'), development)));
  defaultSession.webRequest.onBeforeRequest((details, done) => {
    const cancel = !allowed(details.url);
    if (cancel) onBlocked(details.url);
    done({ cancel });
  });
  defaultSession.setSpellCheckerEnabled(false); // its dictionaries come from the network
  defaultSession.setPermissionRequestHandler((_contents, _permission, done) => { done(false); });
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.on('will-download', (e) => { e.preventDefault(); });
  for (const event of ['select-hid-device', 'select-serial-port', 'select-usb-device'] as const) defaultSession.on(event as 'select-hid-device', (e) => { e.preventDefault(); });
  app.on('web-contents-created', (_e, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (e, url) => { if (!isOurPage(url, development)) e.preventDefault(); });
    contents.on('will-frame-navigate', (e) => { if (!isOurPage(e.url, development)) e.preventDefault(); });
    contents.on('will-redirect', (e, url) => { if (!isOurPage(url, development)) e.preventDefault(); });
    contents.on('will-attach-webview', (e) => { e.preventDefault(); });
  });
}
