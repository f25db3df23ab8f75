/** Finds processes of one start of Anneal by its data folder (Linux: /proc). */
import { readdirSync, readFileSync } from 'node:fs';

/** Process ids whose command line contains `command` and whose environment names this data folder. */
export function processesOf(home: string, command: string): number[] {
  return readdirSync('/proc').filter((n) => /^\d+$/.test(n)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(command) && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`ANNEAL_HOME=${home}`);
    } catch { return false; }
  });
}
export const isAlive = (pid: number): boolean => { try { process.kill(pid, 0); return true; } catch { return false; } };
