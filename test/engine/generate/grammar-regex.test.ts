/** Regular expressions as byte automata, against JavaScript's own engine; and what is refused. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Automaton } from '../../../src/main/engine/generate/grammar/automaton.ts';
import { grammarOf } from '../../../src/main/engine/generate/grammar/index.ts';

const bytes = new TextEncoder();
const compiled = (pattern: string): Automaton => new Automaton(grammarOf({ kind: 'regex', pattern }));
const accepts = (a: Automaton, text: string): boolean => a.walk(a.start, bytes.encode(text))?.accepts ?? false;

const PATTERNS = [
  'abc', 'a|bc|', '(a|b)*c', 'a{2,3}b?', 'a{2,}', '[a-c]+[^a-c]', '\\d{1,3}(\\.\\d+)?', '[^é-ü]b', '.é.', '(?:ab|a)(?:c|bcd)(d*)', '\\w+\\s\\W', '^ab$', '^a|b$', '\\u{1F600}+', '[\\u{1F600}-\\u{1F64F}]a',
  '\\p{L}a', '\\P{L}', 'a*?b+?', '(a?){4}a{4}', '[\\-\\]a]', '\\x41\\u0042', '(?<word>ab)c', '[^\\n]', '中|文+', '(a*)*b', '[\\d\\-x]{2}', '\\/\\.\\*', '',
].filter((p) => p !== '');
const ALPHABET = ['a', 'b', 'c', 'd', 'A', 'B', '1', '.', ' ', '-', ']', 'x', '\n', 'é', 'ü', '中', '文', '😀', '🙏', '/', '*', '_', '\u2028', '\u00a0'];

describe('means the same as in JavaScript', () => {
  test.each(PATTERNS)('%s', (pattern) => {
    const automaton = compiled(pattern);
    const native = new RegExp(`^(?:${pattern})$`, 'u');
    fc.assert(fc.property(fc.array(fc.constantFrom(...ALPHABET), { maxLength: 7 }).map((c) => c.join('')), (text) => accepts(automaton, text) === native.test(text)), { numRuns: 400, seed: 7 });
  });
  test('random patterns', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\d', 'é', '😀');
    const { pattern } = fc.letrec((tie) => ({
      pattern: fc.oneof({ maxDepth: 4, depthSize: 'small' }, atom, fc.tuple(tie('pattern'), tie('pattern')).map((p) => p.join('')), fc.tuple(tie('pattern'), tie('pattern')).map((p) => `(?:${p.join('|')})`), fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{1,3}', '{2}')).map(([p, q]) => `(?:${String(p)})${q}`)),
    }));
    fc.assert(fc.property(pattern, fc.array(fc.constantFrom('a', 'b', '1', 'é', '😀', '\n'), { maxLength: 6 }), (p, text) => {
      const joined = text.join('');
      return accepts(compiled(String(p)), joined) === new RegExp(`^(?:${String(p)})$`, 'u').test(joined);
    }), { numRuns: 300, seed: 11 });
  });
});

test('only whole UTF-8 passes, and a cut character is never a whole text', () => {
  const a = compiled('[^x]+');
  const of = (...b: number[]): boolean | null => a.walk(a.start, Uint8Array.from(b))?.accepts ?? null;
  expect([of(0xc3), of(0xc3, 0xa9), of(0xc0), of(0xc1), of(0xed, 0xa0), of(0xf4, 0x90), of(0xf5), of(0x80), of(0xe0, 0x80), of(0xf0, 0x80)]).toEqual([false, true, null, null, null, null, null, null, null, null]);
});

test('patterns that make backtracking engines run away take linear time', () => {
  const text = bytes.encode('a'.repeat(20_000));
  for (const p of ['(a+)+b', '(a|a)*b', '(a|aa)+b', '(.*a){12}b', '(a?){200}a{200}b']) {
    const a = compiled(p);
    const began = performance.now();
    expect(a.walk(a.start, text)?.accepts ?? false).toBe(false);
    expect(performance.now() - began).toBeLessThan(3000);
  }
});

describe('is refused by name', () => {
  test.each([
    ['(?=a)b', 'look-around (?='], ['(?!a)b', '(?!'], ['(?<=a)b', '(?<='], ['(a)\\1', 'back reference \\1'], ['\\bword', 'word boundary \\b'], ['a^b', 'anchor (^)'], ['(a$)b', 'anchor ($)'], ['a++', 'possessive'], ['[b-a]', 'backwards'], ['(a', 'no ")"'], ['a)', 'no "("'],
    ['*a', 'nothing to repeat'], ['[a', 'no "]"'], ['\\p{Nonsense}', 'Nonsense'], ['\\q', '\\q'], ['[]', 'empty'], ['a{3,2}', 'more at least'], ['(?i:a)', '(?i'], ['\\ud800', 'no character'],
  ])('%s', (pattern, part) => { expect(() => compiled(pattern)).toThrow(expect.objectContaining({ code: 'grammar-invalid', message: expect.stringContaining(part) })); });
  test('too large', () => { expect(() => compiled('((a{100}){100}){100}')).toThrow(expect.objectContaining({ code: 'grammar-invalid', message: expect.stringContaining('too large') })); });
  test('nothing that the vocabulary can spell', () => {
    const spellable = new Uint8Array(256).fill(1);
    spellable['z'.charCodeAt(0)] = 0;
    expect(() => new Automaton(grammarOf({ kind: 'regex', pattern: 'a(z|zz)' }), spellable)).toThrow(/cannot spell/);
    const other = new Automaton(grammarOf({ kind: 'regex', pattern: 'a(z|b)' }), spellable);
    expect([accepts(other, 'az'), accepts(other, 'ab')]).toEqual([false, true]);
  });
});
