/** The registry of block formats: one line each. */

import type { TensorKindName } from '../gguf-types.ts';
import type { BlockCodec } from './codec.ts';
import { q4K, q5K } from './affine-k.ts';
import { q4Zero, q4One, q5Zero, q5One, q8Zero } from './plain-blocks.ts';
import { q6K } from './q6-k.ts';

export type QuantisedKind = Exclude<TensorKindName, 'F32' | 'F16' | 'BF16'>;
export const CODECS: Record<QuantisedKind, BlockCodec> = { Q4_0: q4Zero, Q4_1: q4One, Q5_0: q5Zero, Q5_1: q5One, Q8_0: q8Zero, Q4_K: q4K, Q5_K: q5K, Q6_K: q6K };
