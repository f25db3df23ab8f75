/** Every preference method, and every loss of the DPO family, as it is trained on the generated task. What is common to all is in measure.ts. */

import { DPO_LOSSES } from '../../src/shared/methods/dpo.ts';
import type { MethodId } from '../../src/shared/methods/index.ts';

export interface LearningCase { name: string; method: Exclude<MethodId, 'sft'>; train: Readonly<Record<string, unknown>>; /** Set where nothing is to be learnt, and why. */ fails?: string }

/** exo_pair is not defined without smoothing; the others smooth because that is what they are for. */
const SMOOTHED: Readonly<Record<string, number>> = { cdpo: 0.1, robust: 0.1, exo_pair: 1e-3 };

export const LEARNING_CASES: readonly LearningCase[] = [
  { name: 'reward', method: 'reward', train: {} },
  ...DPO_LOSSES.filter((loss) => loss !== 'discopop').map((loss): LearningCase => ({ name: `dpo ${loss}`, method: 'dpo', train: { loss_type: [loss], label_smoothing: SMOOTHED[loss] ?? 0 } })),
  { name: 'dpo discopop, discopop_tau 0.2', method: 'dpo', train: { loss_type: ['discopop'], discopop_tau: 0.2 } },
  // Where policy and reference are one, the loss falls towards the rejected answer unless tau is above (1 - ln 2) / 3 = 0.102; the paper's 0.05 needs a start that already leans the right way.
  { name: 'dpo discopop, discopop_tau 0.05', method: 'dpo', train: { loss_type: ['discopop'] }, fails: 'this loss falls towards the rejected answer where policy and reference are one' },
  { name: 'dpo sigmoid, bco_pair, sft (MPO)', method: 'dpo', train: { loss_type: ['sigmoid', 'bco_pair', 'sft'], loss_weights: [0.8, 0.2, 1] } },
  { name: 'kto', method: 'kto', train: {} },
  { name: 'kto apo_zero_unpaired', method: 'kto', train: { loss_type: 'apo_zero_unpaired' } },
  { name: 'bco', method: 'bco', train: {} },
  { name: 'cpo', method: 'cpo', train: {} },
  { name: 'cpo hinge', method: 'cpo', train: { loss_type: 'hinge' } },
  { name: 'cpo ipo', method: 'cpo', train: { loss_type: 'ipo' } },
  { name: 'simpo', method: 'cpo', train: { loss_type: 'simpo', cpo_alpha: 0, beta: 2, simpo_gamma: 1 } },
  { name: 'alphapo', method: 'cpo', train: { loss_type: 'simpo', cpo_alpha: 0, beta: 2, simpo_gamma: 1, alpha: 0.25 } },
  { name: 'orpo', method: 'orpo', train: {} },
];
