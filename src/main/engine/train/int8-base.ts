/** The 8-bit copies of a run's frozen linear layers for whole-number products: which layers have them, where they lie, and their values made from the model's file, one layer at a time. */

import type { LinearShape } from '../nn/adapted-linear.ts';
import type { ParsedModel } from '../models/index.ts';
import { LONGEST } from '../graph/ops/quantized-matmul.ts';
import type { ReadWeight } from '../nn/adapter-init.ts';
import { emptyInt8, inMemory, squaredColumns, type Int8Tensor, type StoredInt8 } from '../nn/int8-weight.ts';
import type { LoraPlan } from '../nn/lora.ts';
import { planInt8File, readInt8File, writeInt8File, type Int8File } from './int8-file.ts';
import { Int8Threads } from './int8-threads.ts';

/** `layers` by module; those that are trained whole are not among them. `values`: the arrays behind layers in memory; `file`: what holds them otherwise, kept from run to run. */
export interface Int8Base { layers: ReadonlyMap<string, StoredInt8>; values?: ReadonlyMap<string, Int8Tensor>; file?: Int8File }

/** Sizes and places only; `fillInt8` makes the values. `kept`: the folder of files, and what names the model's weights; absent: in memory. */
export function planInt8(model: ParsedModel, plan: LoraPlan, kept?: { folder: string; identity: string }): Int8Base {
  const adapted = new Set(plan.slots.map((s) => s.module));
  const hasNorms = (l: LinearShape): boolean => plan.config.use_dora && adapted.has(l.module);
  const linears = frozenLinears(model, plan);
  if (kept !== undefined) return planInt8File(kept.folder, kept.identity, linears.map((l) => ({ ...l, norms: hasNorms(l) })));
  const values = new Map(linears.map((l) => [l.module, { ...emptyInt8(l.inFeatures, l.outFeatures), ...(hasNorms(l) ? { norms: new Float32Array(l.outFeatures) } : {}) }]));
  return { values, layers: new Map([...values].map(([module, tensor]) => [module, inMemory(tensor)])) };
}

function frozenLinears(model: ParsedModel, plan: LoraPlan): LinearShape[] {
  const trained = new Set(plan.replaced.map((r) => r.name));
  return model.family.linears(model.config).filter((l) => !trained.has(`${l.module}.weight`) && Math.max(l.inFeatures, l.outFeatures) <= LONGEST);
}

/** Makes the values, or finds them made. Throws `disk-full`. */
export function fillInt8({ layers, values, file }: Int8Base, model: ParsedModel, read: ReadWeight, threads = 1): void {
  if (file !== undefined && readInt8File(file)) return;
  const linears = model.family.linears(model.config).filter((l) => layers.has(l.module));
  const sizes = linears.map((l) => l.inFeatures * l.outFeatures);
  const team = new Int8Threads(threads, Math.max(0, ...sizes), sizes.reduce((a, b) => a + b, 0));
  const made = (l: LinearShape): Int8Tensor => {
    const { forward, backward, norms } = layers.get(l.module)!;
    const copies = team.round(read(`${l.module}.weight`), l.transposed === true, forward, backward);
    return { ...copies, ...(norms === undefined ? {} : { norms: squaredColumns(copies.forward) }) };
  };
  try {
    if (file !== undefined) { writeInt8File(file, linears, made); return; }
    for (const l of linears) {
      const { forward, backward, norms } = made(l), tensor = values!.get(l.module)!;
      for (const [to, from] of [[tensor.forward, forward], [tensor.backward, backward]] as const) {
        to.codes.set(from.codes);
        to.scales.set(from.scales);
      }
      if (norms !== undefined) tensor.norms!.set(norms);
    }
  } finally { team.dispose(); }
}

/** Bytes of both copies, and of the same weights once as float32. */
export function int8Bytes({ layers }: Int8Base): { stored: number; asFloat: number } {
  let stored = 0, asFloat = 0;
  for (const { forward, backward } of layers.values()) {
    for (const { k, n } of [forward, backward]) stored += k * n + 4 * n;
    asFloat += forward.k * forward.n * 4;
  }
  return { stored, asFloat };
}
