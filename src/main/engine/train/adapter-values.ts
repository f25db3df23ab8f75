/** A PEFT adapter as the flat vector of a plan: what a run continues from, or resumes. */

import { AnnealError } from '../../../shared/errors.ts';
import type { AdapterPair, PeftAdapter } from '../io/peft-adapter.ts';
import type { LoraPlan, LoraSlot } from '../nn/lora.ts';
import { reals } from '../optim/reals.ts';

/** Fills `minus` of the plan's slots as well. Throws `adapter-invalid` when the adapter is not of the plan's shape. */
export function adapterValues(plan: LoraPlan, adapter: PeftAdapter): Float32Array {
  const { pairs, replaced } = adapter;
  const byModule = new Map(pairs.map((p) => [p.module, p]));
  for (const pair of pairs) if (!plan.slots.some((s) => s.module === pair.module)) throw mismatch(`it adapts ${pair.module}, which ${plan.slots.length === 0 ? 'this model does not have' : 'is not a layer that this run adapts'}`);
  const values = reals(plan.length);
  for (const slot of plan.slots) {
    const pair = byModule.get(slot.module);
    if (pair === undefined) throw mismatch(`it has nothing for ${slot.module}`);
    place(values, slot, pair);
  }
  for (const range of plan.replaced) {
    const tensor = replaced.get(range.name);
    if (tensor === undefined) throw mismatch(`it has no copy of ${range.name}, which bias or modules_to_save of this run train`);
    if (tensor.data.length !== range.length) throw mismatch(`its ${range.name} has shape [${tensor.shape.join(', ')}], the model's [${range.shape.join(', ')}]`);
    values.set(tensor.data, range.offset);
  }
  const extra = [...replaced.keys()].find((name) => !plan.replaced.some((range) => range.name === name));
  if (extra !== undefined) throw mismatch(`it brings its own ${extra}, which this run would not train; add it through ${extra.endsWith('.bias') ? 'bias' : 'modules_to_save'}`);
  return values;
}

function mismatch(problem: string): AnnealError {
  return new AnnealError('adapter-invalid', `The adapter does not fit this run: ${problem}; use the adapter settings that it was made with, on the model that it was made for.`);
}

function place(values: Float32Array, slot: LoraSlot, pair: AdapterPair): void {
  const { module, r, inFeatures, outFeatures, minus, magnitude } = slot;
  if (pair.inFeatures !== inFeatures || pair.outFeatures !== outFeatures) throw mismatch(`its layer ${module} maps ${pair.inFeatures} to ${pair.outFeatures}, the model's ${inFeatures} to ${outFeatures}`);
  const rank = minus === undefined ? r : 2 * r;
  if (pair.r !== rank) throw mismatch(`its rank is ${pair.r} for ${module}, the run asks for ${rank}`);
  if (Math.abs(pair.scale - slot.scale) > 1e-6 * slot.scale) throw mismatch(`its scale for ${module} is ${pair.scale}, the run's ${slot.scale} (lora_alpha, use_rslora and alpha_pattern)`);
  if ((pair.magnitude === undefined) !== (magnitude === undefined)) throw mismatch(magnitude === undefined ? 'it is a DoRA adapter, and use_dora is off' : 'it is not a DoRA adapter, and use_dora is on');
  values.set(pair.a.subarray(0, r * inFeatures), slot.a.offset);
  if (minus === undefined) values.set(pair.b, slot.b.offset);
  else {
    minus.a.set(pair.a.subarray(r * inFeatures));
    for (let o = 0; o < outFeatures; o++) for (let k = 0; k < r; k++) {
      values[slot.b.offset + o * r + k] = pair.b[o * rank + k]!;
      minus.b[o * r + k] = -pair.b[o * rank + r + k]!;
    }
  }
  if (magnitude !== undefined) values.set(pair.magnitude!, magnitude.offset);
}
