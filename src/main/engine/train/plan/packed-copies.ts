/** Are packed copies of frozen weights worth their memory, before anybody has asked for less? */

import type { LoadedModel } from '../load.ts';

/** Frozen float32 weights up to this size are packed: their copies are small beside the process itself. Of larger ones they would take as much memory as all else, for steps 2 to 5 % faster (docs/decisions/0016-memory.md). */
const SMALL = 32e6;

/** 8-bit products are 5 % faster packed, with copies of a quarter of the size. */
export function worthPacking({ weights }: LoadedModel, int8: boolean): boolean {
  const bytes = [...weights.values()].reduce((n, { shape }) => n + 4 * shape.reduce((a, b) => a * b, 1), 0);
  return int8 || bytes <= SMALL;
}
