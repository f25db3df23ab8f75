/** A small seeded generator for resampling: xoshiro128** (Blackman, Vigna 2018), state filled by splitmix32. The same seed gives the same numbers on every machine. */

const rotl = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;

export class Random {
  readonly #s: Uint32Array;

  constructor(seed: number) {
    let z = seed >>> 0;
    this.#s = Uint32Array.from({ length: 4 }, () => {
      z = (z + 0x9e3779b9) >>> 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      return (t ^ (t >>> 15)) >>> 0;
    });
  }

  /** Starts from a given state, four words that are not all 0. */
  static fromState(state: readonly number[]): Random {
    const random = new Random(0);
    random.#s.set(state);
    return random;
  }

  /** Next 32 bits, as an integer from 0. */
  bits(): number {
    const s = this.#s;
    const [a = 0, b = 0, c = 0, d = 0] = s;
    const result = Math.imul(rotl(Math.imul(b, 5) >>> 0, 7), 9) >>> 0;
    const t = (b << 9) >>> 0;
    const c2 = c ^ a;
    const d2 = d ^ b;
    s[1] = b ^ c2;
    s[0] = a ^ d2;
    s[2] = c2 ^ t;
    s[3] = rotl(d2 >>> 0, 11);
    return result;
  }

  /** An integer from 0 to n - 1, each equally likely (draws that would favour the low ones are thrown away). n up to 2^32. */
  below(n: number): number {
    const limit = 0x100000000 - (0x100000000 % n);
    for (;;) { const x = this.bits(); if (x < limit) return x % n; }
  }
}
