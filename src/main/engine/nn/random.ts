/** Seeded random numbers. Every use derives its own stream from a list of integers (seed, purpose, step ...), so nothing but the seed and the counters must be saved to resume.
 * Generator: xoshiro128** (Blackman and Vigna 2018), seeded through splitmix32. */

export class Random {
  #a: number; #b: number; #c: number; #d: number;

  /** `path` names the stream, e.g. [seed, STREAM.shuffle, epoch]. */
  constructor(...path: number[]) {
    let h = 0x9e3779b9;
    for (const part of path) {
      h = mix(h ^ (part | 0));
      h = mix(h + Math.floor(part / 4294967296) + 0x85ebca6b);
    }
    this.#a = mix(h + 1);
    this.#b = mix(h + 2);
    this.#c = mix(h + 3);
    this.#d = mix(h + 4) | 1;
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    const b = this.#b;
    const x = Math.imul(b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9);
    const t = b << 9;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number { return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992; }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number { return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform()); }

  /** Uniform integer in [0, n), without modulo bias. */
  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const x = this.uint32();
      if (x < limit) return x % n;
    }
  }

  /** Random order of 0..n-1 (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  }
}

/** Purposes of streams: fixed numbers, part of the checkpoint format. */
export const STREAM = { shuffle: 1, loraInit: 2, dropout: 3, modelInit: 4, sample: 5, neftune: 6, headInit: 7 } as const;

function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return h ^ (h >>> 15);
}
