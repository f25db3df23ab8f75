/** The machine, measured: memory of processes, cores, free space. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import os from 'node:os';

/** Resident memory of a process in bytes, where the system tells it without asking the process (Linux). */
export function residentBytes(pid: number | null | undefined): number | undefined {
  if (pid === process.pid) return process.memoryUsage.rss();
  if (pid === null || pid === undefined || process.platform !== 'linux') return undefined;
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch { return undefined; }
}

/** What new work can take without swapping. Linux counts caches that can be given back; os.freemem does not. */
export function availableMemory(): number {
  if (process.platform === 'linux') {
    try {
      const kib = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
      if (kib !== undefined) return Number(kib) * 1024;
    } catch { /* below */ }
  }
  return os.freemem();
}

let cores: number | undefined;
/** Physical cores that this process may use: two threads of one core share its arithmetic. */
export function physicalCores(): number {
  return cores ??= Math.max(1, Math.min(os.availableParallelism(), countCores() ?? Infinity));
}
function countCores(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const blocks = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n');
    const ids = blocks.flatMap((b) => {
      const socket = /^physical id\s*:\s*(\d+)/m.exec(b)?.[1], core = /^core id\s*:\s*(\d+)/m.exec(b)?.[1];
      return socket === undefined || core === undefined ? [] : [`${socket}/${core}`];
    });
    return ids.length === 0 ? undefined : new Set(ids).size;
  } catch { return undefined; }
}

export async function freeBytes(folder: string): Promise<number> {
  try { const s = await statfs(folder); return s.bavail * s.bsize; } catch { return 0; }
}
