// Seeded random numbers for the demo's generators: the same seed gives the same bytes on every machine.
// Generator: xoshiro128** (Blackman and Vigna, 2018) seeded through splitmix32; integers only, so no float rounding differs.

export interface Random {
  /** An integer in [0, n). */
  below(n: number): number;
  /** An integer in [low, high], both included. */
  int(low: number, high: number): number;
  /** True with a chance of `percent` in a hundred. */
  chance(percent: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** `n` different items, in random order; throws when there are fewer. */
  sample<T>(items: readonly T[], n: number): T[];
  shuffle<T>(items: readonly T[]): T[];
  /** One of the items, with a chance in proportion to its weight. */
  weighted<T>(items: readonly { readonly weight: number; readonly value: T }[]): T;
}

/** A generator for a seed and a stream name: two names give independent streams of one seed. */
export function seeded(seed: number, stream = ''): Random {
  let mix = seed >>> 0;
  for (const char of stream) mix = (Math.imul(mix ^ (char.codePointAt(0) ?? 0), 0x01000193) + 0x9e3779b9) >>> 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let a = split();
  let b = split();
  let c = split();
  let d = split() | 1;
  const rotl = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;
  const next = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5) >>> 0, 7), 9) >>> 0;
    const t = (b << 9) >>> 0;
    c = (c ^ a) >>> 0;
    d = (d ^ b) >>> 0;
    b = (b ^ c) >>> 0;
    a = (a ^ d) >>> 0;
    c = (c ^ t) >>> 0;
    d = rotl(d, 11);
    return result;
  };
  const below = (n: number): number => {
    if (!Number.isInteger(n) || n < 1) throw new RangeError(`below(${n}): a positive integer is needed`);
    const limit = 0x100000000 - (0x100000000 % n);
    let value = next();
    while (value >= limit) value = next();
    return value % n;
  };
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError('pick from an empty list');
    return items[below(items.length)] as T;
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = below(i + 1);
      const swap = out[i] as T;
      out[i] = out[j] as T;
      out[j] = swap;
    }
    return out;
  };
  return {
    below,
    int: (low, high) => low + below(high - low + 1),
    chance: (percent) => below(100) < percent,
    pick,
    sample: (items, n) => {
      if (items.length < n) throw new RangeError(`sample of ${n} from ${items.length}`);
      return shuffle(items).slice(0, n);
    },
    shuffle,
    weighted: (items) => {
      let total = 0;
      for (const item of items) total += item.weight;
      let at = below(total);
      for (const item of items) {
        if (at < item.weight) return item.value;
        at -= item.weight;
      }
      throw new RangeError('weighted pick from an empty list');
    },
  };
}
