/** Made-up rows for the training rows of bench/peer: plain English words from a seed, with lengths as instruction data has them (log-normal). Nothing here is tuned to either side; lengths are in words, 1.0 to 1.2 tokens each. */

import { Random } from '../../src/main/engine/nn/random.ts';

const WORDS = 'time year people way day man thing woman life child world school state family student group country problem hand part place case week company system program question work number night point home water room mother area money story fact month lot right study book eye job word business issue side kind head house service friend father power hour game line end member law car city name team minute idea body back parent face level office door health person art war history party result change morning reason research girl guy moment air teacher force education'.split(' ');

export interface Completion { prompt: string; completion: string }
export interface Pair { prompt: string; chosen: string; rejected: string }

class Writer {
  readonly #random: Random;
  constructor(seed: number) { this.#random = new Random(seed, 99); }
  words(count: number): string { return Array.from({ length: count }, () => WORDS[this.#random.below(WORDS.length)]).join(' '); }
  /** A log-normal length within bounds. */
  length(median: number, sigma: number, least: number, most: number): number { return Math.min(most, Math.max(least, Math.round(median * Math.exp(sigma * this.#random.normal())))); }
}

/** Instructions with answers: a mean of about 190 words in all, the longest about 480. */
export function completions(rows: number, seed = 1): Completion[] {
  const writer = new Writer(seed);
  return Array.from({ length: rows }, () => {
    const [asked, answered] = [writer.length(60, 0.7, 8, 200), writer.length(90, 0.7, 8, 280)];
    return { prompt: `Question: ${writer.words(asked)}?\nAnswer:`, completion: ` ${writer.words(answered)}.` };
  });
}

/** Pairs whose prompt is three times as long as its answers (their mean): answers of about 60 words, prompts of about 180. */
export function pairs(rows: number, seed = 2): Pair[] {
  const writer = new Writer(seed);
  return Array.from({ length: rows }, () => {
    const [a, b] = [writer.length(55, 0.4, 20, 120), writer.length(55, 0.4, 20, 120)];
    return { prompt: `Question: ${writer.words(Math.round(1.5 * (a + b)))}?\nAnswer:`, chosen: ` ${writer.words(a)}.`, rejected: ` ${writer.words(b)}.` };
  });
}
