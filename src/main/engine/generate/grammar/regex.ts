/**
 * Regular expressions, in the syntax of ECMAScript with the u flag, as expressions over bytes. Only what is regular: look-around, back references and word
 * boundaries are refused by name; ^ and $ may stand at the ends of the whole pattern or of one of its alternatives. Lazy quantifiers mean the same texts as greedy ones.
 */

import { codePoints, complement, propertySet, union } from './code-points.ts';
import type { CodePoints } from './code-points.ts';
import { EMPTY, alt, character, grammarError, repeat, seq } from './expr.ts';
import type { Expr } from './expr.ts';

const DIGIT: CodePoints = [[0x30, 0x39]];
const WORD: CodePoints = codePoints([[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]);
const SPACE: CodePoints = codePoints([[9, 13], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff]]);
const DOT: CodePoints = complement(codePoints([[10, 10], [13, 13], [0x2028, 0x2029]]));
const CLASSES: Record<string, CodePoints> = { d: DIGIT, D: complement(DIGIT), w: WORD, W: complement(WORD), s: SPACE, S: complement(SPACE) };
const CONTROLS: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };
const MAX_DEPTH = 100;
const MAX_COUNT = 10_000;

/** How one character of a set is written: as UTF-8, or escaped inside a JSON string. */
export type Spell = (set: CodePoints) => Expr;

/** The texts that match as a whole, or with `search` those that hold a match anywhere (as `pattern` in JSON schema means it). Throws `grammar-invalid`. */
export function regexExpr(pattern: string, { search = false, spell = character, where = 'The regular expression' }: { search?: boolean; spell?: Spell; where?: string } = {}): Expr {
  return new Parser(pattern, spell, where).whole(search ? repeat(spell(codePoints([[0, 0x10_ffff]])), 0, Infinity) : EMPTY);
}

class Parser {
  readonly #text: string[];
  readonly #spell: Spell;
  readonly #where: string;
  #at = 0;
  #depth = 0;

  constructor(pattern: string, spell: Spell, where: string) { this.#text = Array.from(pattern); this.#spell = spell; this.#where = where; }

  whole(around: Expr): Expr {
    const options: Expr[] = [];
    do {
      const from = this.#take('^');
      const body = this.#sequence(true);
      const to = this.#take('$');
      options.push(seq(from ? EMPTY : around, body, to ? EMPTY : around));
    } while (this.#take('|'));
    if (this.#at < this.#text.length) throw this.#error(this.#peek() === ')' ? 'a ")" has no "("' : `"${this.#peek()}" is not expected here`);
    return alt(...options);
  }

  #peek(k = 0): string { return this.#text[this.#at + k] ?? ''; }
  #take(c: string): boolean { if (this.#peek() !== c || c === '') return false; this.#at++; return true; }
  #error(what: string): Error { return grammarError(`${this.#where} cannot be used: at character ${this.#at + 1}, ${what}.`, { position: this.#at + 1 }); }

  #sequence(outer: boolean): Expr {
    const parts: Expr[] = [];
    for (;;) {
      const c = this.#peek();
      if (c === '' || c === '|' || c === ')') break;
      if (c === '$' && outer && (this.#peek(1) === '' || this.#peek(1) === '|')) break;
      parts.push(this.#quantified(this.#atom()));
    }
    return seq(EMPTY, ...parts);
  }

  #quantified(body: Expr): Expr {
    let made = body;
    const c = this.#peek();
    if (c === '*' || c === '+' || c === '?') { this.#at++; made = repeat(body, c === '+' ? 1 : 0, c === '?' ? 1 : Infinity); }
    else if (c === '{') {
      const found = /^\{(\d{1,6})(,?)(\d{0,6})\}/.exec(this.#text.slice(this.#at, this.#at + 20).join(''));
      if (!found) throw this.#error('a "{" that is no quantifier must be written \\{');
      const min = Number(found[1]);
      const max = found[2] === '' ? min : found[3] === '' ? Infinity : Number(found[3]);
      if (max < min) throw this.#error('a quantifier asks for more at least than at most');
      if (min > MAX_COUNT || (max !== Infinity && max > MAX_COUNT)) throw this.#error(`a quantifier counts beyond ${MAX_COUNT}`);
      this.#at += found[0].length;
      made = repeat(body, min, max);
    } else return body;
    this.#take('?');
    if (['*', '+', '?', '{'].includes(this.#peek())) throw this.#error(this.#peek() === '+' ? 'possessive quantifiers are not supported' : 'two quantifiers follow each other');
    return made;
  }

  #atom(): Expr {
    const c = this.#peek();
    if (c === '(') return this.#group();
    if (c === '[') return this.#spellSet(this.#class());
    if (c === '^' || c === '$') throw this.#error(`an anchor (${c}) inside of a pattern is not supported`);
    if (['*', '+', '?', '{'].includes(c)) throw this.#error(`"${c}" has nothing to repeat`);
    if (c === ']' || c === '}') throw this.#error(`"${c}" must be written \\${c}`);
    this.#at++;
    if (c === '.') return this.#spellSet(DOT);
    if (c === '\\') return this.#spellSet(this.#escape(false));
    return this.#spellSet(this.#single(c));
  }

  #spellSet(set: CodePoints): Expr {
    if (set.length === 0) throw this.#error('a set of characters is empty, so nothing could match');
    return this.#spell(set);
  }

  #single(c: string): CodePoints {
    const code = c.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) throw this.#error('half of a surrogate pair is no character');
    return [[code, code]];
  }

  #group(): Expr {
    this.#at++;
    if (++this.#depth > MAX_DEPTH) throw this.#error(`groups are nested deeper than ${MAX_DEPTH}`);
    if (this.#take('?')) {
      const next = this.#peek() + (this.#peek() === '<' ? this.#peek(1) : '');
      if (next === '=' || next === '!' || next === '<=' || next === '<!') throw this.#error(`look-around (?${next} is not supported`);
      if (next.startsWith('<')) { while (this.#peek() !== '>' && this.#peek() !== '') this.#at++; this.#at++; }
      else if (!this.#take(':')) throw this.#error(`the group (?${next} is not supported`);
    }
    const options: Expr[] = [];
    do { options.push(this.#sequence(false)); } while (this.#take('|'));
    if (!this.#take(')')) throw this.#error('a "(" has no ")"');
    this.#depth--;
    return alt(...options);
  }

  #class(): CodePoints {
    this.#at++;
    const negated = this.#take('^');
    const parts: CodePoints[] = [];
    while (this.#peek() !== ']') {
      if (this.#peek() === '') throw this.#error('a "[" has no "]"');
      const low = this.#member();
      if (this.#peek() === '-' && this.#peek(1) !== ']' && this.#peek(1) !== '') {
        this.#at++;
        const high = this.#member();
        const [a, b] = [low[0]?.[0] ?? 0, high[0]?.[0] ?? 0];
        if (low.length !== 1 || high.length !== 1 || low[0]?.[1] !== a || high[0]?.[1] !== b) throw this.#error('a range must run from one character to another');
        if (b < a) throw this.#error('a range runs backwards');
        parts.push([[a, b]]);
      } else parts.push(low);
    }
    this.#at++;
    const set = union(...parts);
    return negated ? complement(set) : set;
  }

  #member(): CodePoints {
    const c = this.#peek();
    if (c === '') throw this.#error('a "[" has no "]"');
    this.#at++;
    return c === '\\' ? this.#escape(true) : this.#single(c);
  }

  /** After the backslash. */
  #escape(inClass: boolean): CodePoints {
    const c = this.#peek();
    this.#at++;
    if (CLASSES[c]) return CLASSES[c];
    if (c === '0' && !/\d/.test(this.#peek())) return [[0, 0]];
    if (/\d/.test(c)) throw this.#error(`the back reference \\${c} is not supported`);
    if (CONTROLS[c] !== undefined) return [[CONTROLS[c], CONTROLS[c]]];
    if (c === 'k') throw this.#error('named back references are not supported');
    if ((c === 'b' && !inClass) || c === 'B') throw this.#error(`the word boundary \\${c} is not supported`);
    if (c === 'b') return [[8, 8]];
    if (c === 'p' || c === 'P') {
      const name = /^\{([A-Za-z_=]{1,60})\}/.exec(this.#text.slice(this.#at, this.#at + 64).join(''))?.[1];
      const set = name === undefined ? null : propertySet(name);
      if (name === undefined || set === null) throw this.#error(`the Unicode property \\${c}{${name ?? ''}} is not known`);
      this.#at += name.length + 2;
      return c === 'P' ? complement(set) : set;
    }
    if (c === 'x' || c === 'u') {
      const rest = this.#text.slice(this.#at, this.#at + 10).join('');
      const found = (c === 'x' ? /^([0-9a-fA-F]{2})/ : /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))/).exec(rest);
      const code = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16);
      if (!found || !(code <= 0x10_ffff) || (code >= 0xd800 && code <= 0xdfff)) throw this.#error(`\\${c} names no character`);
      this.#at += found[0].length;
      return [[code, code]];
    }
    if (/^[A-Za-z]$/.test(c) || c === '') throw this.#error(`the escape \\${c} is not supported`);
    return this.#single(c);
  }
}
