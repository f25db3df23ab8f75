/** May threads wait actively? Only where cores stand idle: waiting threads win 15 to 20 % of a decoding step on a quiet machine and lose several times that on a busy one (measured at 135M, two cores). */

import { availableParallelism, loadavg } from 'node:os';

/** `load`: running processes over the last minute; 0 where the system does not say (Windows). */
export function coresAreFree(threads: number, load = loadavg()[0] ?? 0, cores = availableParallelism()): boolean {
  return load + threads <= cores + 0.5;
}
