/** Initial values of an adapter, by peft's init_lora_weights: Kaiming-uniform, gaussian, orthogonal, PiSSA, OLoRA; DoRA magnitudes; copies of the base for replaced parameters.
 * Sources: Hu et al. 2021; Meng et al. 2024 (PiSSA); Büyükakyüz 2024 (OLoRA); Liu et al. 2024 (DoRA). */

import type { LoraPlan, LoraSlot } from './lora.ts';
import { reals } from '../optim/reals.ts';
import { leadingColumnsQr, orthonormalRows, topSingular } from './factor.ts';
import { Random, STREAM } from './random.ts';

/** Reads a parameter of the base in its stored layout; asked once per tensor that is needed. */
export type ReadWeight = (name: string) => Float32Array;

export function initLora(plan: LoraPlan, seed: number, read: ReadWeight = () => { throw new RangeError('this initialisation needs the weights of the base'); }): Float32Array {
  const flat = reals(plan.length);
  const random = new Random(seed, STREAM.loraInit);
  const view = (range: { offset: number; length: number }): Float32Array => flat.subarray(range.offset, range.offset + range.length);
  for (const [index, slot] of plan.slots.entries()) {
    const { init_lora_weights: init } = plan.config;
    const [a, b] = [view(slot.a), view(slot.b)];
    let weight: Float32Array | undefined;
    const base = (): Float32Array => (weight ??= asOutIn(read(`${slot.module}.weight`), slot));
    if (slot.minus !== undefined) {
      takeOut(slot, base(), String(init), a, b, new Random(seed, STREAM.loraInit, index));
      slot.minus.a.set(a);
      slot.minus.b.set(b);
    } else if (init === 'orthogonal') orthogonal(slot, a, b, random);
    else {
      fill(a, init === 'gaussian' ? () => random.normal() / slot.r : uniform(random, 1 / Math.sqrt(slot.inFeatures)));
      if (init === false) fill(b, uniform(random, 1 / Math.sqrt(slot.r)));
    }
    // With a part taken out and put back, the sum is the base itself.
    if (slot.magnitude !== undefined) view(slot.magnitude).set(rowLengths(slot, base(), slot.minus === undefined ? { a, b } : null));
  }
  for (const range of plan.replaced) view(range).set(read(range.name));
  return flat;
}

const uniform = (random: Random, bound: number) => (): number => (random.uniform() * 2 - 1) * bound;
function fill(target: Float32Array, draw: () => number): void { for (let i = 0; i < target.length; i++) target[i] = draw(); }

/** [out, in], whichever way the weight is stored. */
function asOutIn(weight: Float32Array, { transposed, inFeatures, outFeatures }: LoraSlot): Float32Array {
  if (transposed !== true) return weight;
  const turned = new Float32Array(weight.length);
  for (let i = 0; i < inFeatures; i++) for (let o = 0; o < outFeatures; o++) turned[o * inFeatures + i] = weight[i * outFeatures + o]!;
  return turned;
}

/** B A = 0 although neither is zero: their inner spaces are orthogonal. */
function orthogonal({ r, inFeatures, outFeatures }: LoraSlot, a: Float32Array, b: Float32Array, random: Random): void {
  const q = orthonormalRows(Float64Array.from({ length: r * r }, () => random.normal()), r, r);
  const half = r / 2;
  const mix = (target: Float32Array, rows: number, columns: number, first: number, place: (row: number, k: number) => number): void => {
    for (let i = 0; i < rows; i++) {
      const draws = Array.from({ length: half }, () => random.normal());
      for (let k = 0; k < columns; k++) target[place(i, k)] = draws.reduce((sum, x, h) => sum + x * q[(2 * h + first) * r + k]!, 0) / 10;
    }
  };
  mix(a, inFeatures, r, 0, (i, k) => k * inFeatures + i);
  mix(b, outFeatures, r, 1, (o, k) => o * r + k);
}

/** A and B such that scale * B A is the part of W to take out: its largest singular directions, or the first columns of its QR decomposition. */
function takeOut(slot: LoraSlot, weight: Float32Array, init: string, a: Float32Array, b: Float32Array, random: Random): void {
  const { r, inFeatures, outFeatures, scale } = slot;
  if (init === 'olora') {
    const { q, r: upper } = leadingColumnsQr(weight, outFeatures, inFeatures, r);
    a.set(upper);
    for (let o = 0; o < outFeatures; o++) for (let k = 0; k < r; k++) b[o * r + k] = q[k * outFeatures + o]!;
    return;
  }
  const rounds = /^pissa_niter_(\d+)$/.exec(init)?.[1];
  const { u, s, v } = topSingular(weight, outFeatures, inFeatures, r, random, rounds === undefined ? null : Number(rounds));
  for (let k = 0; k < r; k++) {
    const root = Math.sqrt(s[k]! / scale);
    for (let i = 0; i < inFeatures; i++) a[k * inFeatures + i] = root * v[k * inFeatures + i]!;
    for (let o = 0; o < outFeatures; o++) b[o * r + k] = root * u[k * outFeatures + o]!;
  }
}

/** Length of each row of W + scale * B A. */
function rowLengths({ inFeatures, outFeatures, r, scale }: LoraSlot, weight: Float32Array, added: { a: Float32Array; b: Float32Array } | null): Float32Array {
  const lengths = new Float32Array(outFeatures);
  const plain = added === null || added.b.every((x) => x === 0);
  const row = new Float64Array(inFeatures);
  for (let o = 0; o < outFeatures; o++) {
    row.set(weight.subarray(o * inFeatures, (o + 1) * inFeatures));
    if (!plain) for (let k = 0; k < r; k++) for (let i = 0; i < inFeatures; i++) row[i] = row[i]! + scale * added.b[o * r + k]! * added.a[k * inFeatures + i]!;
    let squares = 0;
    for (let i = 0; i < inFeatures; i++) squares += row[i]! * row[i]!;
    lengths[o] = Math.sqrt(squares);
  }
  return lengths;
}
