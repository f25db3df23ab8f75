/** Free dimensions of an exported graph. Our graphs have static shapes, so the decoder is built at several sizes; a number that differs between them is solved for as offset + factor * a product of sizes.
 * Sizes are large primes, so that no number of a model is taken for one by chance; a number that no expression explains is an error, never a guess. */
import { AnnealError } from '../../../../shared/errors.ts';

export const SIZE_NAMES = ['batch_size', 'sequence_length', 'past_sequence_length', 'total_sequence_length'] as const;
export type SizeName = (typeof SIZE_NAMES)[number];
export type Sizes = Readonly<Record<SizeName, number>>;

const sizes = (batch: number, length: number, past: number): Sizes => ({ batch_size: batch, sequence_length: length, past_sequence_length: past, total_sequence_length: length + past });
/** The last is only for checking what the others gave. */
export const TRIALS: readonly Sizes[] = [sizes(1009, 1511, 2003), sizes(1117, 1621, 2203), sizes(1223, 1721, 2411), sizes(1327, 1823, 2617)];

/** offset + factor * product of the named sizes. */
export interface Expression { offset: number; factor: number; of: readonly SizeName[] }
export type Extent = number | Expression;

const PRODUCTS: readonly (readonly SizeName[])[] = (() => {
  const [b, t, p, s] = SIZE_NAMES;
  return [[b], [t], [p], [s], [b, t], [b, s], [b, p], [t, s], [b, t, s]];
})();

export const valueOf = (e: Extent, at: Sizes): number => (typeof e === 'number' ? e : e.offset + e.factor * product(e.of, at));
const product = (names: readonly SizeName[], at: Sizes): number => names.reduce((n, name) => n * at[name], 1);

/** What a number is, given its value at each of TRIALS. */
export function solve(values: readonly number[]): Extent {
  const [first, second] = values as [number, number];
  if (values.every((v) => v === first)) return first;
  for (const of of PRODUCTS) {
    const [p1, p2] = [product(of, TRIALS[0] as Sizes), product(of, TRIALS[1] as Sizes)], factor = (second - first) / (p2 - p1);
    if (!Number.isInteger(factor) || factor === 0) continue;
    const found = { offset: first - factor * p1, factor, of };
    if (TRIALS.every((at, i) => valueOf(found, at) === values[i])) return found;
  }
  throw new AnnealError('graph-invalid', `The decoder cannot be written with free sizes: a number takes the values ${values.join(', ')}, which no product of batch and lengths explains.`);
}

export const extentKey = (e: Extent): string => (typeof e === 'number' ? String(e) : `${e.offset}+${e.factor}*${e.of.join('*')}`);
