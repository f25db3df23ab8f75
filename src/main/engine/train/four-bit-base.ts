/** The 4-bit base of a QLoRA run: which layers are kept so, and their values made from the model's file, one layer at a time. */

import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { ParsedModel } from '../models/index.ts';
import { dequantise4, emptyFourBit, quantise4, squaredLengths, type FourBitTensor } from '../nn/four-bit.ts';
import type { ReadWeight } from '../nn/adapter-init.ts';
import type { LoraPlan } from '../nn/lora.ts';

/** By module. Layers that are trained whole, and those that do not divide into blocks, stay as they are. */
export type FourBitBase = ReadonlyMap<string, FourBitTensor>;

/** Sizes only; `fillFourBit` makes the values. */
export function planFourBit(model: ParsedModel, config: LoraAdapter, plan: LoraPlan): FourBitBase {
  const trained = new Set(plan.replaced.map((r) => r.name));
  const adapted = new Set(plan.slots.map((s) => s.module));
  return new Map(model.family.linears(model.config).flatMap((l) => {
    const [n, k] = l.transposed === true ? [l.inFeatures, l.outFeatures] : [l.outFeatures, l.inFeatures];
    const tensor = trained.has(`${l.module}.weight`) ? null : emptyFourBit(n, k, config.bnb_4bit_quant_type);
    if (tensor === null) return [];
    return [[l.module, config.use_dora && adapted.has(l.module) ? { ...tensor, norms: new Float32Array(l.outFeatures) } : tensor] as const];
  }));
}

export function fillFourBit(base: FourBitBase, model: ParsedModel, read: ReadWeight): void {
  for (const l of model.family.linears(model.config)) {
    const tensor = base.get(l.module);
    if (tensor === undefined) continue;
    quantise4(read(`${l.module}.weight`), tensor);
    tensor.norms?.set(squaredLengths(dequantise4(tensor), tensor.n, tensor.k, l.transposed === true));
  }
}

/** Reads what the run really computes with: 4-bit layers as they are unpacked, the rest from the file. */
export function fourBitReader(base: FourBitBase, read: ReadWeight): ReadWeight {
  return (name) => {
    const tensor = name.endsWith('.weight') ? base.get(name.slice(0, -'.weight'.length)) : undefined;
    return tensor === undefined ? read(name) : dequantise4(tensor);
  };
}

export function fourBitBytes(base: FourBitBase): { stored: number; asFloat: number } {
  let stored = 0, asFloat = 0;
  for (const t of base.values()) {
    stored += t.packed.byteLength + t.sizes.byteLength;
    asFloat += t.n * t.k * 4;
  }
  return { stored, asFloat };
}
