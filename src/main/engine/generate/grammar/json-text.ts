/** Pieces of JSON as expressions: white space, strings, numbers, any value. White space is bounded, so that a model cannot fill its tokens with it. */

import { codePoints, complement, contains, minus } from './code-points.ts';
import type { CodePoints } from './code-points.ts';
import { alt, byte, character, literal, optional, repeat, rule, seq } from './expr.ts';
import type { Expr } from './expr.ts';
import { DIGIT, MAX_DIGITS, NONZERO } from './integer-range.ts';
import { regexExpr } from './regex.ts';

/** After a colon. */
export const SPACE: Expr = optional(literal(' '));
/** Between the parts of lists: nothing, a space, or a new line with an indentation. */
export const GAP: Expr = alt(seq(), literal(' '), seq(literal('\n'), repeat(literal(' '), 0, 16)));
export const COMMA: Expr = seq(literal(','), GAP);
export const COLON: Expr = seq(literal(':'), SPACE);

const MUST_ESCAPE: CodePoints = codePoints([[0, 0x1f], [0x22, 0x22], [0x5c, 0x5c]]);
export const PLAIN_CHARACTERS: CodePoints = complement(MUST_ESCAPE);
const HEX: Expr = byte([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]);
const ESCAPED: Expr = seq(literal('\\'), alt(
  byte([0x22, 0x22], [0x2f, 0x2f], [0x5c, 0x5c], [0x62, 0x62], [0x66, 0x66], [0x6e, 0x6e], [0x72, 0x72], [0x74, 0x74]),
  // \uXXXX, not half of a surrogate pair
  seq(literal('u'), alt(seq(byte([0x30, 0x39], [0x41, 0x43], [0x45, 0x46], [0x61, 0x63], [0x65, 0x66]), HEX, HEX, HEX), seq(byte([0x44, 0x44], [0x64, 0x64]), byte([0x30, 0x37]), HEX, HEX))),
));
/** One character inside of quotes. */
export const STRING_CHARACTER: Expr = alt(character(PLAIN_CHARACTERS), ESCAPED);
export const quoted = (inner: Expr): Expr => seq(literal('"'), inner, literal('"'));
export const jsonLiteral = (value: unknown): Expr => literal(JSON.stringify(value));

const SHORT: Record<number, string> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 0x22: '\\"', 0x5c: '\\\\' };
/** A character of a set as it stands between quotes. */
export function quotedCharacter(set: CodePoints): Expr {
  const plain = minus(set, MUST_ESCAPE);
  const escaped: Expr[] = [];
  for (const [a, b] of MUST_ESCAPE) for (let c = a; c <= b; c++) if (contains(set, c)) escaped.push(literal(SHORT[c] ?? `\\u${c.toString(16).padStart(4, '0')}`));
  return alt(...(plain.length > 0 ? [character(plain)] : []), ...escaped);
}

export const INTEGER: Expr = seq(optional(literal('-')), alt(literal('0'), seq(NONZERO, repeat(DIGIT, 0, MAX_DIGITS - 1))));
export const NUMBER: Expr = seq(INTEGER, optional(seq(literal('.'), repeat(DIGIT, 1, MAX_DIGITS))), optional(seq(byte([0x45, 0x45], [0x65, 0x65]), optional(byte([0x2b, 0x2b], [0x2d, 0x2d])), DIGIT, optional(DIGIT))));
export const STRING: Expr = quoted(repeat(STRING_CHARACTER, 0, Infinity));

/** The rule of any JSON value, called ANY. */
export const ANY = 'any value';
export const anyValue: Expr = alt(STRING, NUMBER, literal('true'), literal('false'), literal('null'), freeObject(), freeArray());
function freeObject(): Expr { return seq(literal('{'), GAP, { kind: 'list', items: [], separator: COMMA, more: seq(STRING, COLON, rule(ANY)) }, GAP, literal('}')); }
function freeArray(): Expr { return seq(literal('['), GAP, { kind: 'list', items: [], separator: COMMA, more: rule(ANY) }, GAP, literal(']')); }

/** A key that is none of `names`, without escapes (two spellings of one name cannot both occur). */
export function otherKey(names: readonly string[]): Expr {
  const below = (rest: readonly string[]): Expr => {
    const heads = new Map<number, string[]>();
    for (const name of rest) { const c = name.codePointAt(0); if (c !== undefined) heads.set(c, [...(heads.get(c) ?? []), name.slice(String.fromCodePoint(c).length)]); }
    const others = minus(PLAIN_CHARACTERS, codePoints([...heads.keys()].map((c) => [c, c])));
    const parts: Expr[] = [seq(character(others), repeat(character(PLAIN_CHARACTERS), 0, Infinity))];
    for (const [c, tails] of heads) if (contains(PLAIN_CHARACTERS, c)) parts.push(seq(character([[c, c]]), below(tails)));
    if (!rest.includes('')) parts.push(seq());
    return alt(...parts);
  };
  return quoted(below([...new Set(names)]));
}

const DATE = '(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])))';
const TIME = '(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d))';
const FORMATS: Record<string, string> = {
  date: DATE, time: TIME, 'date-time': `${DATE}T${TIME}`,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  ipv4: '(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)',
  email: '[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?:\\.[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)+',
};
export const FORMAT_NAMES = Object.keys(FORMATS);
/** The inside of a string of a format, or null when the format is not known. (29 February is left out: it is not valid in every year.) */
export function formatExpr(name: string): Expr | null { const pattern = FORMATS[name]; return pattern === undefined ? null : regexExpr(pattern); }
