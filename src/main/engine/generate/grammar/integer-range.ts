/** Decimal spellings of the numbers between two bounds, as expressions: what `minimum` and `maximum` mean for generated text. */

import { alt, byte, literal, repeat, seq } from './expr.ts';
import type { Expr } from './expr.ts';

/** Digits of a number whose size is not bounded; within what a double holds exactly. */
export const MAX_DIGITS = 15;
export const DIGIT: Expr = byte([0x30, 0x39]);
export const NONZERO: Expr = byte([0x31, 0x39]);

/** Integers from low to high, both included, or null when there are none. Infinite bounds reach as far as MAX_DIGITS digits. */
export function integersBetween(low: number, high: number): Expr | null {
  if (low > high) return null;
  const parts: Expr[] = [];
  if (low < 0) { const negative = naturals(high < 0 ? -high : 1, -low); if (negative) parts.push(seq(literal('-'), negative)); }
  if (high >= 0) { const positive = naturals(Math.max(0, low), high); if (positive) parts.push(positive); }
  return parts.length > 0 ? alt(...parts) : null;
}

/** Beside larger bounds a number has no fraction: it could be rounded across the bound when it is read. */
const FRACTION_BOUND = 1e9;

/** Numbers with at most six decimals and no exponent between integer bounds; an excluded bound is left out. Null when there are none. */
export function decimalsBetween(low: number, high: number, excludeLow: boolean, excludeHigh: boolean): Expr | null {
  if ([low, high].some((x) => Number.isFinite(x) && Math.abs(x) > FRACTION_BOUND)) return integersBetween(excludeLow ? low + 1 : low, excludeHigh ? high - 1 : high);
  const parts: Expr[] = [];
  const fraction = seq(literal('.'), repeat(DIGIT, 1, 6));
  const positiveFraction = seq(literal('.'), alt(...Array.from({ length: 6 }, (_, zeros) => seq(repeat(literal('0'), zeros, zeros), NONZERO, repeat(DIGIT, 0, 5 - zeros)))));
  /** Numbers from a to b, both at least 0. */
  const side = (a: number, b: number, openA: boolean, openB: boolean): void => {
    const whole = integersBetween(openA ? a + 1 : a, openB ? b - 1 : b);
    if (whole) add(whole);
    if (openA && a < b) add(seq(literal(String(a)), positiveFraction));
    const between = integersBetween(openA ? a + 1 : a, b === Infinity ? b : b - 1);
    if (between) add(seq(between, fraction));
  };
  let sign = false;
  const add = (e: Expr): void => { parts.push(sign ? seq(literal('-'), e) : e); };
  if (high >= 0) side(Math.max(0, low), high, excludeLow && low >= 0, excludeHigh);
  sign = true;
  // Below zero; -0 is spelled 0.
  if (low < 0) side(high < 0 ? -high : 0, -low, high < 0 ? excludeHigh : true, excludeLow);
  return parts.length > 0 ? alt(...parts) : null;
}

function naturals(low: number, high: number): Expr | null {
  const parts: Expr[] = [];
  if (low === 0) parts.push(literal('0'));
  const first = String(Math.max(1, low));
  const last = high === Infinity ? null : String(high);
  if (high < Math.max(1, low)) return parts.length > 0 ? alt(...parts) : null;
  const top = last?.length ?? MAX_DIGITS;
  for (let n = first.length; n <= top; n++) {
    const from = n === first.length ? first : `1${'0'.repeat(n - 1)}`;
    const to = last !== null && n === last.length ? last : '9'.repeat(n);
    parts.push(sameLength(from, to));
  }
  return alt(...parts);
}

/** Digit strings of one length from a to b. */
function sameLength(a: string, b: string): Expr {
  if (a.length === 0) return seq();
  const [x, y] = [Number(a[0]), Number(b[0])];
  const [restA, restB] = [a.slice(1), b.slice(1)];
  const digit = (p: number, q: number): Expr => byte([0x30 + p, 0x30 + q]);
  const any = repeat(DIGIT, restA.length, restA.length);
  if (/^0*$/.test(restA) && /^9*$/.test(restB)) return seq(digit(x, y), any);
  if (x === y) return seq(digit(x, x), sameLength(restA, restB));
  const parts = [seq(digit(x, x), sameLength(restA, '9'.repeat(restA.length)))];
  if (y - x > 1) parts.push(seq(digit(x + 1, y - 1), any));
  parts.push(seq(digit(y, y), sameLength('0'.repeat(restB.length), restB)));
  return alt(...parts);
}
