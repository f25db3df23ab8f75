/** Typed reading of GGUF metadata: each value is checked where it is read. `arch` keys are those under the file's architecture (`llama.block_count`). */

import { basename } from 'node:path';
import { invalidGguf, type GgufScalar } from './gguf-types.ts';
import type { GgufFile } from './read-gguf.ts';

/** Far above any model; lists are made of this length. */
const MAX_LAYERS = 4096;

export class Metadata {
  readonly file: GgufFile;
  readonly architecture: string;
  constructor(file: GgufFile) {
    this.file = file;
    const architecture = file.metadata.get('general.architecture');
    if (typeof architecture !== 'string' || architecture === '') throw invalidGguf(basename(file.path), 'its metadata does not name an architecture (general.architecture)');
    this.architecture = architecture;
  }

  #bad(key: string, wanted: string): never { throw invalidGguf(basename(this.file.path), `the metadata "${key}" should be ${wanted}`); }

  text(key: string): string | null {
    const v = this.file.metadata.get(key);
    if (v === undefined) return null;
    return typeof v === 'string' ? v : this.#bad(key, 'text');
  }
  number(key: string): number | null {
    const v = this.file.metadata.get(key);
    if (v === undefined) return null;
    return typeof v === 'number' && Number.isFinite(v) ? v : this.#bad(key, 'a number');
  }
  flag(key: string): boolean | null {
    const v = this.file.metadata.get(key);
    if (v === undefined) return null;
    return typeof v === 'boolean' ? v : this.#bad(key, 'true or false');
  }
  list(key: string): GgufScalar[] | null {
    const v = this.file.metadata.get(key);
    if (v === undefined) return null;
    return Array.isArray(v) ? v : this.#bad(key, 'a list');
  }
  texts(key: string): string[] | null {
    const v = this.list(key);
    return v === null || v.every((x): x is string => typeof x === 'string') ? v : this.#bad(key, 'a list of texts');
  }
  numbers(key: string): number[] | null {
    const v = this.list(key);
    return v === null || v.every((x): x is number => typeof x === 'number') ? v : this.#bad(key, 'a list of numbers');
  }

  archNumber(key: string): number | null { return this.number(`${this.architecture}.${key}`); }
  archCount(key: string): number {
    const v = this.archNumber(key);
    if (key === 'block_count' && v !== null && v > MAX_LAYERS) this.#bad(`${this.architecture}.${key}`, `at most ${MAX_LAYERS}`);
    return v !== null && Number.isSafeInteger(v) && v > 0 ? v : this.#bad(`${this.architecture}.${key}`, 'a positive whole number');
  }
  /** A number, or a list with one for each layer. */
  archCounts(key: string, layers: number): number[] | null {
    const full = `${this.architecture}.${key}`;
    const v = this.file.metadata.get(full);
    if (v === undefined) return null;
    const all = typeof v === 'number' ? Array.from({ length: layers }, () => v) : v;
    if (!Array.isArray(all) || all.length !== layers || !all.every((x): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0)) this.#bad(full, `a whole number or a list of ${layers}`);
    return all;
  }
  archText(key: string): string | null { return this.text(`${this.architecture}.${key}`); }
  /** Values are stored as float32: the shortest decimal that rounds to it is what the model's author wrote. */
  archReal(key: string): number | null {
    const v = this.archNumber(key);
    return v === null ? null : shortestDecimal(v);
  }
}

export function shortestDecimal(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
