/** The registry of training methods in the engine: one line each; total over the shared ids. */

import type { MethodId } from '../../../shared/methods/index.ts';
import type { EngineMethod } from './method.ts';
import { sft } from './sft.ts';

export const ENGINE_METHODS: { readonly [K in MethodId]: EngineMethod } = { sft };
