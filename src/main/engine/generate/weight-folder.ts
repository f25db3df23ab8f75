/** Temporary folders of quantised weights. Each is named after its machine and process, so that those which a crash left behind are known and removed by the next process that generates. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Containers may share a temporary folder but not their process numbers. */
const prefix = (): string => `anneal-weights-${hostname().replaceAll(/[^A-Za-z0-9.]/g, '_')}-`;

export const makeWeightFolder = (parent = tmpdir()): string => mkdtempSync(join(parent, `${prefix()}${process.pid}-`));

/** Removes the folders of processes that are gone; returns their number. What cannot be removed stays. */
export function sweepWeightFolders(parent = tmpdir()): number {
  let swept = 0;
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix()) ? /^(\d+)-/.exec(name.slice(prefix().length))?.[1] : undefined;
    if (pid === undefined || lives(Number(pid))) continue;
    try { rmSync(join(parent, name), { recursive: true, force: true }); swept++; } catch { /* another user's */ }
  }
  return swept;
}

function lives(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch (e) { return e instanceof Error && 'code' in e && e.code === 'EPERM'; }
}

let done = false;
/** Once in a process; a temporary folder that cannot be listed is no reason not to generate. */
export function sweepOnce(): void {
  if (done) return;
  done = true;
  try { sweepWeightFolders(); } catch { /* nothing to sweep */ }
}
