/**
 * Frozen weights in 8 or 4 bit for generation: blocks of 32 along the inputs, a scale each. Made from the model's file when first asked for, kept in a temporary file that all
 * programs of a generator read. The scale of a block is the best of a few by squared error. Never the default: only float32 gives the model's own numbers.
 */

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { WeightSource } from '../graph/node.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { readTensorFloats } from '../io/tensor-read.ts';
import { makeWeightFolder } from './weight-folder.ts';

export const BLOCK = 32;
export interface QuantisedWeight { n: number; k: number; bits: 4 | 8; codes: WeightSource; scales: WeightSource }
/** External data begins at page boundaries, so that it can be mapped. */
const PAGE = 4096;

export class QuantisedWeights {
  readonly #made = new Map<string, QuantisedWeight>();
  readonly #weights: ReadonlyMap<string, TensorEntry>;
  #folder: string | undefined;
  #file: number | undefined;
  #end = 0;

  constructor(weights: ReadonlyMap<string, TensorEntry>) { this.#weights = weights; }

  /** The tensors, one above the other, as [N, K]; `transposed`: the one tensor lies as [K, N]. Null where K does not divide into blocks. */
  get(names: readonly string[], bits: 4 | 8, transposed: boolean): QuantisedWeight | null {
    const key = `${names.join('+')} ${bits} ${transposed ? 't' : ''}`;
    const known = this.#made.get(key);
    if (known) return known;
    const entries = names.map((name) => this.#weights.get(name));
    const sizes = entries.map((entry) => (transposed ? entry?.shape.toReversed() : entry?.shape) ?? []) as [number, number][];
    const k = sizes[0]![1];
    if (sizes.some((size) => size.length !== 2 || size[1] !== k) || k % BLOCK !== 0 || (transposed && names.length > 1)) return null;
    const n = sizes.reduce((sum, size) => sum + size[0], 0);
    const parts = entries.map((entry) => { const stored = readTensorFloats(entry!); return quantise(transposed ? turned(stored, k, n) : stored, bits); });
    const made = { n, k, bits, codes: this.#write(parts.map((p) => p.codes)), scales: this.#write(parts.map((p) => new Uint8Array(p.scales.buffer))) };
    this.#made.set(key, made);
    return made;
  }

  #write(parts: readonly Uint8Array[]): WeightSource {
    this.#folder ??= makeWeightFolder();
    const path = join(this.#folder, 'weights.bin');
    this.#file ??= openSync(path, 'w');
    const offset = this.#end;
    let end = offset;
    for (const data of parts) {
      for (let at = 0; at < data.length;) at += writeSync(this.#file, data, at, data.length - at, end + at);
      end += data.length;
    }
    this.#end = Math.ceil(end / PAGE) * PAGE;
    return { kind: 'file', path, offset, byteLength: end - offset };
  }

  dispose(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#file = this.#folder = undefined;
    this.#made.clear();
  }
}

function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c] as number;
  return out;
}

/** Candidates for a block's scale, as shares of the one that lets the largest magnitude reach the last code. */
const SHARES = [1, 0.95, 0.9, 0.85, 0.8] as const;

/** Codes and scales of blocks of 32 (see ops/fused/matmul-bits). */
export function quantise(values: Float32Array, bits: 4 | 8): { codes: Uint8Array; scales: Float32Array } {
  const scales = new Float32Array(values.length / BLOCK);
  const codes = new Uint8Array((values.length * bits) / 8);
  const [zero, top] = bits === 8 ? [128, 255] : [8, 15];
  const block = new Uint8Array(BLOCK);
  const trial = new Uint8Array(BLOCK);
  for (let b = 0; b < scales.length; b++) {
    const at = b * BLOCK;
    let peak = 0;
    for (let i = 0; i < BLOCK; i++) if (Math.abs(values[at + i] as number) > Math.abs(peak)) peak = values[at + i] as number;
    let best = Infinity;
    for (const share of bits === 8 ? [1] : SHARES) {
      // The largest value takes the lowest code, which reaches one further than the highest: the scale may be negative.
      const scale = Math.fround(bits === 8 ? (Math.abs(peak) / 127) * share : (peak / -8) * share);
      let error = 0;
      for (let i = 0; i < BLOCK; i++) {
        const x = values[at + i] as number;
        const q = scale === 0 ? zero : Math.min(top, Math.max(0, Math.round(x / scale) + zero));
        trial[i] = q;
        error += (x - (q - zero) * scale) ** 2;
      }
      if (error < best) { best = error; scales[b] = scale; block.set(trial); }
    }
    if (bits === 8) codes.set(block, at);
    else for (let i = 0; i < BLOCK; i += 2) codes[(at + i) / 2] = (block[i] as number) | ((block[i + 1] as number) << 4);
  }
  return { codes, scales };
}
