/** How much memory a run may take. */

import { readFileSync } from 'node:fs';

/** The plan may be off by this much (its own bound, tested): so much less than what is free is planned with. */
export const PLAN_ERROR = 0.15;

/** Bytes that programs could take without anything else giving way. `own`: with what this process holds already, because it is part of the plan. */
export function freeMemory({ own }: { own: boolean }): number {
  return process.availableMemory() + reclaimable() + (own ? process.memoryUsage.rss() : 0);
}

/** `limit`: the most that the recipe allows, in bytes. */
export function budgetOf(free: number, limit: number | null): number {
  return Math.min(free / (1 + PLAN_ERROR), limit ?? Infinity);
}

/** File pages that a control group counts as used although they can be dropped; Node does not count them as available. */
function reclaimable(): number {
  if (process.platform !== 'linux') return 0;
  try {
    const limit = readFileSync('/sys/fs/cgroup/memory.max', 'utf8').trim();
    if (limit === 'max') return 0;
    return Number(/^inactive_file (\d+)$/m.exec(readFileSync('/sys/fs/cgroup/memory.stat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
