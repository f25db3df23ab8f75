// npm start: builds when the sources are newer than the build, then opens the desktop window where Electron is here or can be had, otherwise the same
// program in the browser, with the reason. Options: --browser or --electron force one; --port N and --home DIR are passed on.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, isStale, root } from './build.mjs';

const args = process.argv.slice(2);
const forced = args.includes('--browser') ? 'browser' : args.includes('--electron') ? 'electron' : undefined;
const passed = args.filter((a) => a !== '--browser' && a !== '--electron');
const home = passed.includes('--home') ? passed[passed.indexOf('--home') + 1] : undefined;

if (Number(process.versions.napi) < 10) {
  console.error(`Node ${process.versions.node} is too old for Anneal's own processes: use Node 22.14 or newer (npm ci brings one on Linux x64).`);
  process.exit(1);
}
if (isStale()) {
  console.log('Building ...');
  if (!build()) process.exit(1);
}

const display = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
const found = forced === 'browser' ? { reason: undefined } : !display && forced !== 'electron' ? { reason: 'There is no display here' } : findElectron();
if (found.path) await runElectron(found.path);
else if (forced === 'electron') { console.error(`${found.reason}. \`npm start -- --browser\` opens the same program in a browser.`); process.exit(1); } else runBrowser(found.reason);

/** The Electron to use, or the reason why there is none. */
function findElectron() {
  const name = process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) return existsSync(join(override, name)) ? { path: join(override, name) } : { reason: `ELECTRON_OVERRIDE_DIST_PATH names no Electron (${override})` };
  const folder = join(root, 'node_modules/electron');
  const installed = () => {
    try { const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8')); return existsSync(path) ? path : undefined; } catch { return undefined; }
  };
  const before = installed();
  if (before) return { path: before };
  if (!existsSync(join(folder, 'install.js'))) return { reason: 'Electron is not installed (npm ci installs it)' };
  console.log("Getting Electron's binary (once) ...");
  const got = spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8', timeout: 15 * 60_000 });
  const path = installed();
  return path ? { path } : { reason: `Electron's binary could not be downloaded (${firstError(got.stderr)})` };
}

/** The line of an error output that says what happened. */
function firstError(text) {
  const lines = (text ?? '').split('\n').map((l) => l.trim()).filter((l) => l !== '' && !l.startsWith('at '));
  return (lines.find((l) => /error/i.test(l)) ?? lines[0] ?? 'no reason given').replace(/^\w*Error:\s*/, '').slice(0, 160);
}

async function runElectron(path) {
  const started = Date.now();
  // Chromium's sandbox does not run as root; the page's own sandbox flags stay.
  const rootless = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const code = await run(path, [...rootless, root], { ANNEAL_ENGINE_NODE: process.env['ANNEAL_ENGINE_NODE'] ?? process.execPath, ...(home ? { ANNEAL_HOME: home } : {}) });
  // An Electron that can't start at all (missing libraries, a forbidden sandbox) leaves the browser.
  if (code !== 0 && Date.now() - started < 5000 && forced !== 'electron') runBrowser(`Electron did not start (exit code ${code})`);
  else process.exit(code);
}

function runBrowser(reason) {
  if (reason) console.log(`${reason}, so Anneal runs in the browser.`);
  const child = spawn(process.execPath, [join(root, 'out/main/serve.cjs'), ...passed], { stdio: ['inherit', 'pipe', 'inherit', 'ipc'] });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const before = seen;
    seen += text;
    const link = /http:\/\/127\.0\.0\.1:\d+\/#key=\S+(?=\n)/.exec(seen)?.[0];
    if (!link || before.includes(link)) { process.stdout.write(text); return; }
    console.log(`Open this link (it holds the key to this start):\n  ${link}`);
    if (display && forced === undefined) openBrowser(link);
  });
  forwardSignals(child);
  child.on('exit', (code) => process.exit(code ?? 1));
}

function openBrowser(link) {
  const [command, ...rest] = process.platform === 'darwin' ? ['open', link] : process.platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler', link] : ['xdg-open', link];
  spawn(command, rest, { stdio: 'ignore', detached: true }).on('error', () => { /* the link is printed */ }).unref();
}

function forwardSignals(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
}

/** Runs a program in the foreground; resolves with its exit code. */
function run(command, commandArgs, env) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { stdio: 'inherit', env: { ...process.env, ...env } });
    forwardSignals(child);
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
