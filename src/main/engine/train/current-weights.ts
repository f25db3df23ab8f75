/** The weights of a run as others need them: a PEFT adapter, or full tensors by name. */

import type { AdapterPair, PeftAdapter } from '../io/peft-adapter.ts';
import type { LoraPlan } from '../nn/lora.ts';
import type { CurrentWeights } from './options.ts';
import type { Trainables } from './trainables.ts';

export function currentWeights(trainables: Trainables, values: Float32Array, baseModel: string): CurrentWeights {
  if (trainables.lora !== undefined) return { kind: 'adapter', adapter: adapterOf(trainables.lora, values, baseModel) };
  const ranges = new Map(trainables.ranges.map((r) => [r.name, r]));
  return {
    kind: 'full',
    tensor: (name) => {
      const range = ranges.get(name);
      if (range === undefined) throw new RangeError(`no parameter ${name}`);
      return values.subarray(range.offset, range.offset + range.length);
    },
  };
}

export function adapterOf(plan: LoraPlan, values: Float32Array, baseModel: string): PeftAdapter {
  const { r, lora_alpha, lora_dropout, use_rslora, target_modules } = plan.config;
  // PEFT wants names or a pattern; 'all-linear' is resolved to the layer names that it meant.
  const targets = target_modules === 'all-linear' ? [...new Set(plan.slots.map((s) => s.module.split('.').at(-1)!))].sort() : target_modules;
  const pairs = plan.slots.map((s): AdapterPair => ({
    module: s.module, inFeatures: s.inFeatures, outFeatures: s.outFeatures,
    a: values.subarray(s.a.offset, s.a.offset + s.a.length), b: values.subarray(s.b.offset, s.b.offset + s.b.length),
  }));
  return { config: { r, lora_alpha, lora_dropout, use_rslora, target_modules: targets, base_model_name_or_path: baseModel }, pairs };
}
