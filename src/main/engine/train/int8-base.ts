/** The 8-bit copies of a run's frozen linear layers for whole-number products: which layers have them, and their values made from the model's file, one layer at a time. */

import type { ParsedModel } from '../models/index.ts';
import { LONGEST } from '../graph/ops/quantized-matmul.ts';
import type { ReadWeight } from '../nn/adapter-init.ts';
import { emptyInt8, quantise8, squaredColumns, type Int8Tensor } from '../nn/int8-weight.ts';
import type { LoraPlan } from '../nn/lora.ts';

/** By module. Layers that are trained whole stay as they are. */
export type Int8Base = ReadonlyMap<string, Int8Tensor>;

/** Sizes only; `fillInt8` makes the values. */
export function planInt8(model: ParsedModel, plan: LoraPlan): Int8Base {
  const trained = new Set(plan.replaced.map((r) => r.name));
  const adapted = new Set(plan.slots.map((s) => s.module));
  return new Map(model.family.linears(model.config).flatMap((l) => {
    if (trained.has(`${l.module}.weight`) || Math.max(l.inFeatures, l.outFeatures) > LONGEST) return [];
    const tensor = emptyInt8(l.inFeatures, l.outFeatures);
    return [[l.module, plan.config.use_dora && adapted.has(l.module) ? { ...tensor, norms: new Float32Array(l.outFeatures) } : tensor] as const];
  }));
}

export function fillInt8(base: Int8Base, model: ParsedModel, read: ReadWeight): void {
  for (const l of model.family.linears(model.config)) {
    const tensor = base.get(l.module);
    if (tensor === undefined) continue;
    quantise8(read(`${l.module}.weight`), l.transposed === true, tensor);
    tensor.norms?.set(squaredColumns(tensor.forward));
  }
}

/** Bytes of both copies, and of the same weights once as float32. */
export function int8Bytes(base: Int8Base): { stored: number; asFloat: number } {
  let stored = 0, asFloat = 0;
  for (const { forward, backward } of base.values()) {
    for (const { codes, scales } of [forward, backward]) stored += codes.byteLength + scales.byteLength;
    asFloat += forward.codes.length * 4;
  }
  return { stored, asFloat };
}
