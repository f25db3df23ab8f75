/** The registry of training methods: one line each. */
import { bco } from './bco.ts';
import { cpo } from './cpo.ts';
import { dpo } from './dpo.ts';
import { kto } from './kto.ts';
import { orpo } from './orpo.ts';
import { reward } from './reward.ts';
import { sft } from './sft.ts';

export const METHODS = { sft, reward, dpo, kto, bco, cpo, orpo } as const;
export type MethodId = keyof typeof METHODS;
export const METHOD_IDS = Object.keys(METHODS) as [MethodId, ...MethodId[]];
