/** Are packed copies of frozen weights worth their time and memory, before anybody has asked for less? */

import type { LoadedModel } from '../load.ts';

/** Frozen float32 weights up to this size are packed: their copies are small beside the process itself. */
const SMALL = 32e6;
/** Packing takes as long as it wins back in 15 to 20 steps (one second; steps are 2 to 5 % faster: docs/decisions/0016-memory.md). Shorter runs start at once and need less memory. */
const STEPS = 50;

/** 8-bit products are 5 % faster packed, with copies of a quarter of the size. `steps`: optimiser steps of the run. */
export function worthPacking({ weights }: LoadedModel, int8: boolean, steps: number): boolean {
  const bytes = [...weights.values()].reduce((n, { shape }) => n + 4 * shape.reduce((a, b) => a * b, 1), 0);
  return int8 || steps >= STEPS || bytes <= SMALL;
}
