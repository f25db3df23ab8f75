/** Bounds on what another process may send, checked before any schema runs: a hostile or broken peer must not make the parser work without end. */
import { AnnealError } from '../errors.ts';

export interface Limits { depth: number; values: number; textLength: number; binaryBytes: number }
export const DEFAULT_LIMITS: Limits = { depth: 48, values: 500_000, textLength: 16 << 20, binaryBytes: 64 << 20 };

/** Throws `bad-request` when a received value is deeper or larger than the limits (sums over the whole value). */
export function checkLimits(value: unknown, limits: Limits = DEFAULT_LIMITS): void {
  let values = 0, text = 0, binary = 0;
  const over = (what: string, max: number): never => { throw new AnnealError('bad-request', `The request is too large: it has more than ${max} ${what}.`); };
  const visit = (x: unknown, depth: number): void => {
    if (++values > limits.values) over('values', limits.values);
    if (typeof x === 'string') { text += x.length; if (text > limits.textLength) over('characters', limits.textLength); return; }
    if (typeof x !== 'object' || x === null) return;
    if (ArrayBuffer.isView(x)) { binary += x.byteLength; if (binary > limits.binaryBytes) over('bytes', limits.binaryBytes); return; }
    if (depth >= limits.depth) over('levels of nesting', limits.depth);
    if (Array.isArray(x)) { for (const item of x as unknown[]) visit(item, depth + 1); return; }
    for (const [key, item] of Object.entries(x)) { text += key.length; visit(item, depth + 1); }
  };
  visit(value, 0);
}
