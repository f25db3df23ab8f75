/** The registry of training methods: one line each. */
import { sft } from './sft.ts';

export const METHODS = { sft } as const;
export type MethodId = keyof typeof METHODS;
export const METHOD_IDS = Object.keys(METHODS) as [MethodId, ...MethodId[]];
