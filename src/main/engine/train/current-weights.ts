/** The weights of a run as others need them: a PEFT adapter, or full tensors by name. */

import type { AdapterPair, PeftAdapter } from '../io/peft-adapter.ts';
import { SCORE_HEAD } from '../models/sequence-classifier.ts';
import type { LoraPlan } from '../nn/lora.ts';
import type { ParameterRange } from '../optim/adamw.ts';
import type { CurrentWeights } from './options.ts';
import type { Trainables } from './trainables.ts';

export function currentWeights(trainables: Trainables, values: Float32Array, baseModel: string): CurrentWeights {
  if (trainables.lora !== undefined) return { kind: 'adapter', adapter: adapterOf(trainables.lora, values, baseModel) };
  const ranges = new Map(trainables.ranges.map((r) => [r.name, r]));
  return {
    kind: 'full',
    tensor: (name) => {
      const range = ranges.get(name);
      return range === undefined ? undefined : values.subarray(range.offset, range.offset + range.length);
    },
  };
}

/** Views into `values`, nothing copied. */
export function adapterOf(plan: LoraPlan, values: Float32Array, baseModel: string): PeftAdapter {
  const { config } = plan;
  const view = (range: ParameterRange): Float32Array => values.subarray(range.offset, range.offset + range.length);
  // PEFT wants names or a pattern; 'all-linear' is resolved to the layer names that it meant.
  const targets = config.target_modules === 'all-linear' ? [...new Set(plan.slots.map((s) => s.module.split('.').at(-1)!))].sort() : config.target_modules;
  const pairs = plan.slots.map((s): AdapterPair => ({
    module: s.module, inFeatures: s.inFeatures, outFeatures: s.outFeatures, r: s.r, scale: s.scale, a: view(s.a), b: view(s.b),
    ...(s.magnitude === undefined ? {} : { magnitude: view(s.magnitude) }), ...(s.minus === undefined ? {} : { minus: s.minus }),
  }));
  const list = <T>(items: readonly T[]): T[] | null => (items.length === 0 ? null : [...items]);
  return {
    config: {
      r: config.r, lora_alpha: config.lora_alpha, lora_dropout: config.lora_dropout, use_rslora: config.use_rslora, use_dora: config.use_dora, bias: config.bias, target_modules: targets,
      // PEFT takes layer numbers only beside a list of names.
      exclude_modules: list(config.exclude_modules), layers_to_transform: typeof targets === 'string' ? null : list(config.layers_to_transform),
      rank_pattern: config.rank_pattern, alpha_pattern: config.alpha_pattern, modules_to_save: list(config.modules_to_save), fan_in_fan_out: plan.slots.some((s) => s.transposed === true), base_model_name_or_path: baseModel,
      task_type: plan.replaced.some((range) => range.name === SCORE_HEAD) ? 'SEQ_CLS' : 'CAUSAL_LM',
    },
    pairs, replaced: new Map(plan.replaced.map((range) => [range.name, { shape: range.shape, data: view(range) }])),
  };
}
