/** JSON schemas as grammars: random texts of the grammar are valid by an independent check, wanted texts pass, wrong ones do not, unsupported keywords are named. */

import { describe, expect, test } from 'vitest';
import { Automaton } from '../../../src/main/engine/generate/grammar/automaton.ts';
import type { State } from '../../../src/main/engine/generate/grammar/automaton.ts';
import { grammarOf } from '../../../src/main/engine/generate/grammar/index.ts';
import { Random } from '../../../src/main/engine/nn/random.ts';

type Schema = boolean | Record<string, unknown>;
const utf8 = new TextEncoder();
const compiled = (schema: Schema): Automaton => new Automaton(grammarOf({ kind: 'json_schema', schema }));
const accepts = (a: Automaton, text: string): boolean => a.walk(a.start, utf8.encode(text))?.accepts ?? false;

/** A random text: any possible byte, with a growing wish to end. Printable ASCII is preferred, so that texts stay readable. */
function randomText(a: Automaton, seed: number): string {
  const random = new Random(seed, 99);
  const out: number[] = [];
  let at: State = a.start;
  for (let n = 0; n < 20_000; n++) {
    if (at.accepts && (at.final || random.uniform() < 0.5)) return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(out));
    const bytes = Array.from({ length: 256 }, (_, b) => b).filter((b) => a.step(at, b) !== null);
    expect(bytes.length, 'a state without a way out').toBeGreaterThan(0);
    // Closing marks end nested and unbounded parts.
    const closing = bytes.filter((b) => '"}]'.includes(String.fromCharCode(b)));
    const pool = closing.length > 0 && random.uniform() < 0.25 + n / 500 ? closing : bytes.some((b) => b < 128) && random.uniform() < 0.9 ? bytes.filter((b) => b < 128) : bytes;
    const b = pool[random.below(pool.length)]!;
    out.push(b);
    at = a.step(at, b)!;
  }
  throw new Error('a text did not end');
}

/** The parts of JSON schema that the tests use, written apart from the product. */
function valid(v: unknown, s: Schema, root: Schema): boolean {
  if (typeof s === 'boolean') return s;
  const list = <T,>(k: string): T[] => (s[k] ?? []) as T[];
  const type = (t: string): boolean => (t === 'integer' ? Number.isInteger(v) : t === 'array' ? Array.isArray(v) : t === 'null' ? v === null : t === 'object' ? typeof v === 'object' && v !== null && !Array.isArray(v) : typeof v === t);
  if (s['$ref'] !== undefined) { let at: unknown = root; for (const p of (s['$ref'] as string).split('/').slice(1)) at = (at as Record<string, unknown>)[p]; if (!valid(v, at as Schema, root)) return false; }
  if (s['type'] !== undefined && ![s['type']].flat().some((t) => type(t as string))) return false;
  if ('const' in s && JSON.stringify(v) !== JSON.stringify(s['const'])) return false;
  if (s['enum'] !== undefined && !list('enum').some((e) => JSON.stringify(e) === JSON.stringify(v))) return false;
  if (s['anyOf'] !== undefined && !list<Schema>('anyOf').some((x) => valid(v, x, root))) return false;
  if (s['oneOf'] !== undefined && list<Schema>('oneOf').filter((x) => valid(v, x, root)).length !== 1) return false;
  if (s['allOf'] !== undefined && !list<Schema>('allOf').every((x) => valid(v, x, root))) return false;
  const num = (k: string): number | undefined => s[k] as number | undefined;
  if (typeof v === 'number' && !(v >= (num('minimum') ?? -Infinity) && v <= (num('maximum') ?? Infinity) && v > (num('exclusiveMinimum') ?? -Infinity) && v < (num('exclusiveMaximum') ?? Infinity))) return false;
  if (typeof v === 'string') {
    const n = Array.from(v).length;
    if (n < (num('minLength') ?? 0) || n > (num('maxLength') ?? Infinity)) return false;
    if (s['pattern'] !== undefined && !new RegExp(s['pattern'] as string, 'u').test(v)) return false;
    if (s['format'] === 'date' && !(new Date(`${v}T00:00:00Z`).toISOString().startsWith(v))) return false;
    if (s['format'] === 'date-time' && Number.isNaN(Date.parse(v))) return false;
  }
  if (Array.isArray(v)) {
    if (v.length < (num('minItems') ?? 0) || v.length > (num('maxItems') ?? Infinity)) return false;
    const prefix = (s['prefixItems'] ?? []) as Schema[];
    if (!v.every((x, i) => valid(x, prefix[i] ?? (s['items'] as Schema | undefined) ?? true, root))) return false;
  } else if (typeof v === 'object' && v !== null) {
    const properties = (s['properties'] ?? {}) as Record<string, Schema>;
    if (!((s['required'] ?? []) as string[]).every((k) => Object.hasOwn(v, k))) return false;
    if (!Object.entries(v).every(([k, x]) => valid(x, Object.hasOwn(properties, k) ? properties[k]! : (s['additionalProperties'] as Schema | undefined) ?? true, root))) return false;
  }
  return true;
}

const VERDICT = { type: 'object', properties: { reasoning: { type: 'string', maxLength: 40 }, score: { type: 'integer', minimum: 1, maximum: 10 }, winner: { enum: ['A', 'B', 'tie'] } }, required: ['reasoning', 'score', 'winner'], additionalProperties: false };
const TREE = { $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } }, required: ['name', 'children'] } } };
const SCHEMAS: Record<string, Schema> = {
  verdict: VERDICT, tree: TREE, anything: true, empty: {}, 'free object': { type: 'object' }, 'free array': { type: 'array', maxItems: 3 },
  optional: { type: 'object', properties: { a: { type: 'null' }, b: { type: 'boolean' }, c: { type: 'string' }, d: { const: 4 } }, required: ['c'] },
  'all optional': { type: 'object', properties: { a: { type: 'null' }, b: { type: 'boolean' } } },
  additional: { type: 'object', properties: { abc: { type: 'null' }, abd: { type: 'null' } }, required: ['abd'], additionalProperties: { type: 'integer' } },
  'required elsewhere': { type: 'object', required: ['z'], additionalProperties: { type: 'boolean' } },
  numbers: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 4 },
  bounds: { type: 'array', prefixItems: [{ type: 'integer', minimum: -12, maximum: 345 }, { type: 'integer', exclusiveMinimum: 99, maximum: 1001 }, { type: 'integer', maximum: -7 }, { type: 'number', minimum: 0, maximum: 1 }, { type: 'number', exclusiveMinimum: -3, exclusiveMaximum: 2 }, { type: 'number', minimum: 5 }, { type: 'integer', minimum: 2.5, maximum: 9.5 }], items: false, minItems: 7 },
  tuple: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'boolean' }], items: { type: 'integer' }, minItems: 1, maxItems: 4 },
  unions: { anyOf: [{ type: ['string', 'null'] }, { type: 'object', properties: { k: { const: 'ü"\\' } }, required: ['k'] }] },
  tagged: { oneOf: [{ type: 'object', properties: { kind: { const: 'a' }, x: { type: 'integer' } }, required: ['kind', 'x'] }, { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] }, { type: 'string' }] },
  text: { type: 'array', prefixItems: [{ type: 'string', minLength: 2, maxLength: 3 }, { type: 'string', pattern: '^[a-z"\\\\]{2,4}$' }, { type: 'string', pattern: '^x.y' }, { type: 'string', format: 'date' }, { type: 'string', format: 'date-time' }], items: false, minItems: 5 },
  keywords: { minLength: 2, maximum: 4 },
};

describe('every text of the grammar is valid', () => {
  test.each(Object.keys(SCHEMAS))('%s', (name) => {
    const schema = SCHEMAS[name]!;
    const automaton = compiled(schema);
    const texts = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const text = randomText(automaton, seed);
      texts.add(text);
      expect(valid(JSON.parse(text), schema, schema), text).toBe(true);
    }
    expect(texts.size).toBeGreaterThan(name === 'all optional' ? 5 : 10);
  });
});

describe('texts', () => {
  test.each<[string, Schema, string, boolean]>([
    ['compact', VERDICT, '{"reasoning":"é \\n","score":10,"winner":"tie"}', true],
    ['spaced', VERDICT, '{"reasoning": "x", "score": 1, "winner": "A"}', true],
    ['indented', VERDICT, JSON.stringify({ reasoning: '', score: 3, winner: 'B' }, null, 2), true],
    ['bound', VERDICT, '{"reasoning":"","score":11,"winner":"A"}', false],
    ['order', VERDICT, '{"score":1,"reasoning":"","winner":"A"}', false],
    ['missing', VERDICT, '{"reasoning":"","score":1}', false],
    ['recursion', TREE, '{"name":"a","children":[{"name":"b","children":[]},{"name":"c","children":[{"name":"d","children":[]}]}]}', true],
    ['any', true, '{"a":[1,-2.5e3,{"b":null}],"c":"\\u00e9"}', true],
    ['surrogate', { type: 'string' }, '"\\ud800"', false],
    ['control character', { type: 'string' }, '"\n"', false],
    ['leading zero', { type: 'integer' }, '012', false],
    ['additional names a property', SCHEMAS['additional']!, '{"abd":null,"abc":5}', false],
    ['a pattern matches anywhere', { type: 'string', pattern: 'x.y' }, '"ab x\\ny c"', false],
    ['a pattern matches anywhere 2', { type: 'string', pattern: 'x[^a]y' }, '"ab x\\ny c"', true],
    ['a pattern must match', { type: 'string', pattern: 'x.y' }, '"ab xy c"', false],
    ['additional', SCHEMAS['additional']!, '{"abd":null,"ab":5,"abcd":6}', true],
  ])('%s', (_, schema, text, ok) => { expect(accepts(compiled(schema), text)).toBe(ok); });

  test('all integers between two bounds, and no other', () => {
    for (const [low, high] of [[-120, 35], [0, 0], [7, 7], [-5, -5], [99, 1001], [-1001, -99], [10, 99]] as const) {
      const a = compiled({ type: 'integer', minimum: low, maximum: high });
      for (let i = -1100; i <= 1100; i++) expect(accepts(a, String(i)), `${i} in [${low}, ${high}]`).toBe(i >= low && i <= high);
    }
  });
  test('decimals between two bounds', () => {
    const a = compiled({ type: 'number', exclusiveMinimum: -1, maximum: 2 });
    for (const [text, ok] of [['-1', false], ['-1.0', false], ['-0.999', true], ['0', true], ['0.5', true], ['2', true], ['2.0', false], ['2.1', false], ['1.999999', true], ['-0.000001', true]] as const) expect(accepts(a, text), text).toBe(ok);
  });
});

describe('is refused by name', () => {
  test.each<[string, Schema]>([
    ['patternProperties', { patternProperties: {} }], ['not', { not: {} }], ['if', { if: {} }], ['uniqueItems', { type: 'array', uniqueItems: true }], ['multipleOf', { type: 'integer', multipleOf: 3 }], ['minProperties', { minProperties: 1 }], ['format', { type: 'string', format: 'hostname' }],
    ['allOf', { allOf: [{}, {}] }], ['oneOf', { oneOf: [{ type: 'integer' }, { type: 'number' }] }], ['minimum', { type: 'number', minimum: 0.5 }], ['minLength', { type: 'string', pattern: 'a', minLength: 2 }], ['$ref', { $ref: 'https://example.com/x' }], ['nullable', { type: 'string', nullable: true }], ['contains', { contains: {} }],
    ['minItems', { minItems: 4, maxItems: 3 }], ['enum', { enum: ['a'], type: 'integer' }], ['$dynamicRef', { $dynamicRef: '#x' }], ['dependentRequired', { dependentRequired: {} }], ['unevaluatedProperties', { unevaluatedProperties: false }],
  ])('%s', (keyword, schema) => {
    expect(() => compiled({ type: 'object', properties: { inner: schema } })).toThrow(expect.objectContaining({ code: 'grammar-invalid', message: expect.stringContaining(`"${keyword}" at #/properties/inner`) }));
  });
  test('what no finite text fits', () => {
    expect(() => compiled({ $ref: '#' })).toThrow(/No finite text/);
    expect(() => compiled({ type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] })).toThrow(/No finite text/);
    expect(() => compiled(false)).toThrow(/allows nothing/);
  });
});
