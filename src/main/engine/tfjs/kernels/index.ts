/** The table of kernels by op name. test/engine/tfjs-ops.test.ts holds it against the op registry. */

import { decoding } from './decoding.ts';
import { elementwise } from './elementwise.ts';
import { indexing } from './indexing.ts';
import type { Kernel } from './kernel.ts';
import { products } from './matmul.ts';
import { quantised } from './quantised.ts';
import { reductions } from './reduce.ts';
import { shape } from './shape.ts';

export const KERNELS: ReadonlyMap<string, Kernel> = new Map(Object.entries({ ...elementwise, ...shape, ...products, ...quantised, ...indexing, ...reductions, ...decoding }));
