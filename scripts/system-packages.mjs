// The system packages that the window tests need: finds what is missing, and installs it where that is allowed (root on Debian or Ubuntu).
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What each kind of window test needs. Packages are Debian's names; `chromium` may also be there as google-chrome or under another name. */
export const NEEDS = {
  chromium: ['chromium', 'fonts-noto-cjk'],
  electron: ['xvfb', 'xauth', 'libnss3', 'libgtk-3-0', 'libgbm1', 'libasound2', 'fonts-noto-cjk'],
};

export function onPath(...names) {
  for (const name of names) for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try { accessSync(join(folder, name), constants.X_OK); return join(folder, name); } catch { /* next */ }
  }
  return undefined;
}
export const findChromium = () => process.env['ANNEAL_CHROMIUM'] ?? onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');

const hasDpkg = () => onPath('dpkg-query') !== undefined;
/** Newer releases renamed some libraries for 64-bit time. */
const installed = (name) => [name, `${name}t64`].some((n) => spawnSync('dpkg-query', ['-W', '-f=${Status}', n], { encoding: 'utf8' }).stdout?.endsWith('ok installed'));

/** Packages of NEEDS that are not here. Where there is no dpkg, nothing is known to be missing and the programs themselves are looked for. */
export function missingPackages() {
  const all = [...new Set(Object.values(NEEDS).flat())];
  if (hasDpkg()) return all.filter((name) => !(name === 'chromium' && findChromium()) && !installed(name));
  return [...(findChromium() ? [] : ['chromium']), ...(onPath('xvfb-run') ? [] : ['xvfb'])];
}

function mayInstall() {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return false;
  try { return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8')); } catch { return false; }
}

/** Installs what is missing when it may. Returns what is still missing. */
export function ensurePackages() {
  const missing = missingPackages();
  if (missing.length === 0 || !mayInstall()) return missing;
  console.log(`Installing for the window tests: ${missing.join(' ')}`);
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  const install = (name) => apt('install', '-y', '-qq', '--no-install-recommends', name);
  if (apt('update', '-qq')) for (const name of missing) if (!install(name)) install(`${name}t64`);
  return missingPackages();
}
