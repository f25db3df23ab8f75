/** What only the desktop shell does: the sealed window, the port hand-over, no network, one instance, a host that comes back, quitting while something trains. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, REPOSITORY, test } from '../support/window.ts';

test('the window is sealed: sandboxed, isolated, our page only', async ({ app }) => {
  expect(app.page.url()).toBe('anneal://app/');
  const preferences = await app.electron!.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as { getLastWebPreferences: () => Record<string, unknown> };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
  });
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false });
  const inPage = await app.page.evaluate(async () => {
    await new Promise((r) => { setTimeout(r, 0); });
    let evaluated = 'blocked', markup = 'blocked';
    // oxlint-disable-next-line typescript/no-implied-eval -- that it is refused is the test
    try { new Function('return 1')(); evaluated = 'ran'; } catch { /* blocked */ }
    try { document.createElement('div').innerHTML = '<b>x</b>'; markup = 'set'; } catch { /* blocked */ }
    const opened = window.open('anneal://app/') === null, permission = (await navigator.permissions.query({ name: 'geolocation' })).state;
    return { evaluated, markup, opened, permission, node: 'require' in window || 'process' in window, bridge: Object.keys(window).filter((k) => /ipc|electron|shell$/i.test(k)) };
  });
  expect(inPage).toMatchObject({ evaluated: 'blocked', markup: 'blocked', opened: true, permission: 'denied', node: false });
});

test('it can not be led elsewhere, and reaches no network', async ({ app }) => {
  const outcome = await app.page.evaluate(async () => {
    const results: string[] = [];
    for (const url of ['https://example.com/', 'http://127.0.0.1:9/', 'anneal://other/', 'file:///etc/passwd']) results.push(await fetch(url).then(() => 'got', () => 'refused'));
    for (const url of ['anneal://app/../package.json', 'anneal://app/%2e%2e/package.json', 'anneal://app/..%5cpackage.json', 'anneal://app/main/index.cjs']) results.push(await fetch(url).then((r) => (r.ok ? 'got' : 'refused'), () => 'refused'));
    return results;
  });
  expect(outcome).toEqual(Array(8).fill('refused'));
  await app.page.evaluate(() => { location.href = 'https://example.com/'; });
  await app.page.waitForTimeout(300);
  expect(app.page.url()).toBe('anneal://app/');
  // from outside of the page, past its content policy: the session itself refuses, and no name resolves
  const fromMain = await app.electron!.evaluate(async ({ net, session }) => {
    const tried: string[] = [];
    for (const url of ['http://127.0.0.1:9/', 'https://example.com/']) tried.push(await net.fetch(url).then(() => 'got', (e: Error) => e.message));
    tried.push(await session.defaultSession.resolveProxy('https://example.com/'));
    return tried;
  });
  expect(fromMain[0]).toContain('ERR_BLOCKED_BY_CLIENT');
  expect(fromMain[1]).toContain('ERR_BLOCKED_BY_CLIENT');
});

test('a port is given to our page in the main frame, and to nobody else', async ({ app }) => {
  const asked = await app.electron!.evaluate(async ({ BrowserWindow }) => {
    // a second window with the same preload, showing something else
    const known = BrowserWindow.getAllWindows()[0]!, other = new BrowserWindow({ show: false, webPreferences: { preload: (known.webContents as unknown as { getLastWebPreferences: () => { preload: string } }).getLastWebPreferences().preload, sandbox: true } });
    await other.loadURL('data:text/html,<title>other</title>');
    const got = await other.webContents.executeJavaScript(`new Promise((r) => { addEventListener('message', (e) => { if (e.data && e.data.anneal === 'port') r('port'); }); postMessage({ anneal: 'connect', want: 'host', id: 'stranger' }, '*'); setTimeout(() => r('nothing'), 500); })`) as string;
    other.destroy();
    return got;
  });
  expect(asked).toBe('nothing');
  const own = await app.page.evaluate(() => new Promise((r) => {
    addEventListener('message', (e: MessageEvent<{ anneal?: string }>) => { if (e.data.anneal === 'port') r(e.ports.length); });
    postMessage({ anneal: 'connect', want: 'host', id: 'mine' }, location.origin);
  }));
  expect(own).toBe(1);
});

test('a second start brings the first window forward and ends', async ({ app }) => {
  await app.electron!.evaluate(({ BrowserWindow }) => { BrowserWindow.getAllWindows()[0]!.hide(); });
  const second = spawn(app.electron!.process().spawnfile, [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), REPOSITORY], { env: { ...process.env, ANNEAL_HOME: app.home, ANNEAL_ENGINE_NODE: process.execPath }, stdio: 'ignore' });
  expect(await new Promise((r) => { second.once('exit', r); })).toBe(0);
  await expect.poll(() => app.electron!.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((w) => w.isVisible()))).toEqual([true]);
});

test('the window remembers its place and size', async ({ app }) => {
  await app.electron!.evaluate(({ BrowserWindow }) => { BrowserWindow.getAllWindows()[0]!.setBounds({ x: 40, y: 50, width: 900, height: 700 }); });
  await expect.poll(() => { try { return (JSON.parse(readFileSync(join(app.home, 'window/window.json'), 'utf8')) as { bounds: unknown }).bounds; } catch { return null; } }).toMatchObject({ width: 900, height: 700 });
});
