/** An engine that outlived its host would write into a run that a new host continues. It ends by itself at its next step; this makes sure. */
import { readFileSync } from 'node:fs';
import type { HostLog } from '../log.ts';

const WAIT_MS = 5000;

/** Ends the process if it is still an engine of ours. Where the system does not say what a process is, nothing is done. */
export async function endOrphan(pid: number | null, log: HostLog, waitMs = WAIT_MS): Promise<void> {
  if (pid === null || !isEngine(pid)) return;
  log.warn(`engine ${pid} outlived its host: ending it`);
  try { process.kill(pid, 'SIGKILL'); } catch { return; }
  for (const until = Date.now() + waitMs; isEngine(pid) && Date.now() < until;) await new Promise((resolve) => { setTimeout(resolve, 20); });
}

function isEngine(pid: number): boolean {
  if (process.platform !== 'linux' || pid === process.pid) return false;
  try {
    const zombie = /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return !zombie && readFileSync(`/proc/${pid}/environ`, 'utf8').includes('ANNEAL_ENGINE_KIND=');
  } catch { return false; }
}
