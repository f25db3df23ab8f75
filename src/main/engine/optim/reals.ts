/** Zeros for what an update reads and writes. Large vectors lie in memory that threads share; a message to a thread would copy anything else. */

/** From this length on an update is worth handing to threads. */
export const PARALLEL_FROM = 2 ** 20;

export function reals(length: number): Float32Array {
  return length < PARALLEL_FROM ? new Float32Array(length) : new Float32Array(new SharedArrayBuffer(length * 4));
}
