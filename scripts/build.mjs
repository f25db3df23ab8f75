// Whether out/ is older than what it is made from, and making it. Used by npm start and npm test; `npm run build` does the same by itself.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'out/built');

/** Newest change of a file or anything below a folder, in ms; 0 when it does not exist. */
function newest(path) {
  let stat;
  try { stat = statSync(path); } catch { return 0; }
  if (!stat.isDirectory()) return stat.mtimeMs;
  let latest = stat.mtimeMs; // a deleted file changes its folder
  for (const entry of readdirSync(path, { withFileTypes: true })) latest = Math.max(latest, newest(join(path, entry.name)));
  return latest;
}

export function isStale() {
  const built = newest(stamp);
  return built === 0 || ['src', 'electron.vite.config.ts', 'package-lock.json', 'tsconfig.json'].some((p) => newest(join(root, p)) > built);
}

/** Builds; false when it failed (the reason has been printed). */
export function build() {
  const started = new Date();
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) return false;
  writeFileSync(stamp, `${started.toISOString()}\n`);
  return true;
}
