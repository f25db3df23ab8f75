/** The registry of training methods in the engine: one line each; total over the shared ids. */

import type { MethodId } from '../../../shared/methods/index.ts';
import type { TrainerConfig } from '../../../shared/methods/trainer.ts';
import { bco } from './bco.ts';
import { cpo } from './cpo.ts';
import { dpo } from './dpo.ts';
import { kto } from './kto.ts';
import type { ConfigOf, EngineMethod } from './method.ts';
import { orpo } from './orpo.ts';
import { reward } from './reward.ts';
import { sft } from './sft.ts';

const METHODS: { readonly [K in MethodId]: EngineMethod<ConfigOf<K>> } = { sft, reward, dpo, kto, bco, cpo, orpo };

/** The loop knows no method: it hands the configuration through to where it came from. */
export function engineMethod(id: MethodId): EngineMethod<TrainerConfig> { return METHODS[id] as unknown as EngineMethod<TrainerConfig>; }
