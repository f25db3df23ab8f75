/**
 * JSON schema (draft 2020-12, and `definitions` of older drafts) as a grammar whose texts are all valid. It may allow less than the schema: properties come in the order of
 * the schema, undeclared ones only where additionalProperties asks for them, white space is bounded. What it cannot guarantee is refused, by keyword and place.
 */

import { EMPTY, alt, grammarError, literal, optional, repeat, rule, seq } from './expr.ts';
import type { Expr, Grammar } from './expr.ts';
import { decimalsBetween, integersBetween } from './integer-range.ts';
import { ANY, COLON, COMMA, FORMAT_NAMES, GAP, INTEGER, NUMBER, STRING_CHARACTER, anyValue, formatExpr, jsonLiteral, otherKey, quoted, quotedCharacter } from './json-text.ts';
import { regexExpr } from './regex.ts';

type Schema = Record<string, unknown>;
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
type Type = (typeof TYPES)[number];

/** Say nothing about what is valid. */
const SILENT = new Set(['title', 'description', 'default', 'example', 'examples', '$schema', '$comment', '$defs', 'definitions', 'deprecated', 'readOnly', 'writeOnly', 'contentMediaType', 'contentEncoding']);
const OF_TYPE: Record<string, readonly Type[]> = {
  properties: ['object'], required: ['object'], additionalProperties: ['object'], items: ['array'], prefixItems: ['array'], minItems: ['array'], maxItems: ['array'],
  minLength: ['string'], maxLength: ['string'], pattern: ['string'], format: ['string'], minimum: ['number', 'integer'], maximum: ['number', 'integer'], exclusiveMinimum: ['number', 'integer'], exclusiveMaximum: ['number', 'integer'],
};
const ALONE = ['$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'];
const MAX_NESTING = 100;

const isSchema = (v: unknown): v is Schema => typeof v === 'object' && v !== null && !Array.isArray(v);

/** Throws `grammar-invalid`. */
export function jsonSchemaGrammar(schema: boolean | Schema): Grammar {
  const builder = new Builder(schema);
  const start = builder.value(schema, '#', 0);
  return { start, rules: builder.rules };
}

class Builder {
  readonly rules = new Map<string, Expr>();
  readonly #root: boolean | Schema;
  constructor(root: boolean | Schema) { this.#root = root; this.rules.set(ANY, anyValue); }

  value(schema: unknown, at: string, depth: number): Expr {
    if (depth > MAX_NESTING) throw grammarError(`The JSON schema is nested deeper than ${MAX_NESTING} at ${at}.`);
    if (schema === true) return rule(ANY);
    if (schema === false) throw grammarError(`The JSON schema allows nothing at ${at} (false), so no answer could be valid.`, { path: at });
    if (!isSchema(schema)) throw grammarError(`The JSON schema must be an object or true at ${at}.`, { path: at });
    const words = Object.keys(schema).filter((k) => !SILENT.has(k) && !k.startsWith('x-'));
    for (const k of words) if (k !== 'type' && !(k in OF_TYPE) && !ALONE.includes(k) && !(k === '$id' && at === '#')) throw refused(k, at, 'is not supported');
    const alone = words.find((k) => ALONE.includes(k));
    if (alone !== undefined) {
      const other = words.find((k) => k !== alone && k !== '$id' && !(k === 'type' && (alone === 'enum' || alone === 'const')));
      if (other !== undefined) throw refused(other, at, `is not supported beside "${alone}"; move it into the parts of "${alone}"`);
      return this.#alone(alone, schema, at, depth);
    }
    const types = this.#types(schema, words, at);
    if (types === null) return rule(ANY);
    return alt(...types.filter((t) => !(t === 'integer' && types.includes('number'))).map((t) => this.#typed(t, schema, at, depth)));
  }

  #types(schema: Schema, words: readonly string[], at: string): Type[] | null {
    const given = schema['type'];
    if (given === undefined) {
      // Only keywords of some types: values of these types are valid in any case.
      const spoken = [...new Set(words.flatMap((k) => (OF_TYPE[k]?.includes('number') ? ['number' as const] : OF_TYPE[k] ?? [])))];
      return spoken.length > 0 ? spoken : null;
    }
    const list = Array.isArray(given) ? given : [given];
    for (const t of list) if (!TYPES.some((k) => k === t)) throw grammarError(`The JSON schema has the unknown type ${JSON.stringify(t)} at ${at}; there are ${TYPES.join(', ')}.`, { path: at });
    if (list.length === 0) throw refused('type', at, 'is empty');
    return [...new Set(list as Type[])];
  }

  #alone(word: string, schema: Schema, at: string, depth: number): Expr {
    const given = schema[word];
    switch (word) {
      case '$ref': return this.#reference(given, at, depth);
      case 'const': case 'enum': {
        const values = word === 'const' ? [given] : given;
        if (!Array.isArray(values) || values.length === 0) throw refused('enum', at, 'must be a list with at least one value');
        const types = schema['type'] === undefined ? null : this.#types(schema, [], at);
        const fitting = values.filter((v) => types === null || types.some((t) => hasType(v, t)));
        if (fitting.length === 0) throw refused(word, at, 'has no value of the given type');
        return alt(...fitting.map(jsonLiteral));
      }
      case 'allOf': {
        if (!Array.isArray(given) || given.length !== 1) throw refused('allOf', at, 'is supported with one part only; join its parts into one schema');
        return this.value(given[0], `${at}/allOf/0`, depth + 1);
      }
      default: {
        if (!Array.isArray(given) || given.length === 0) throw refused(word, at, 'must be a list with at least one schema');
        if (word === 'oneOf') this.#mustDiffer(given, at);
        const options = given.map((s, i) => [s, i] as const).filter(([s]) => s !== false);
        return alt(...options.map(([s, i]) => this.value(s, `${at}/${word}/${i}`, depth + 1)));
      }
    }
  }

  /** `oneOf` is only as easy as `anyOf` where no value fits two parts. */
  #mustDiffer(parts: readonly unknown[], at: string): void {
    const kinds = parts.map((p) => this.#kinds(p));
    for (let i = 0; i < parts.length; i++) for (let j = i + 1; j < parts.length; j++) {
      const [a, b] = [kinds[i], kinds[j]];
      if (!a || !b || a.some((x) => b.some((y) => overlap(x, y)))) throw refused('oneOf', at, `has parts ${i} and ${j} that one value might fit both; use anyOf, or give them different types or a required property with different const values`);
    }
  }

  /** What tells a schema's values apart: types, fixed values, or fixed values of required properties. Null: unknown. */
  #kinds(part: unknown, depth = 0): Kind[] | null {
    if (!isSchema(part) || depth > 8) return null;
    if (typeof part['$ref'] === 'string') return this.#kinds(this.#lookUp(part['$ref'], '#'), depth + 1);
    if ('const' in part) return [{ type: null, values: [JSON.stringify(part['const'])], tags: new Map() }];
    if (Array.isArray(part['enum'])) return [{ type: null, values: part['enum'].map((v) => JSON.stringify(v)), tags: new Map() }];
    const types = Array.isArray(part['type']) ? part['type'] : [part['type']];
    if (types.some((t) => typeof t !== 'string')) return null;
    const tags = new Map<string, string[]>();
    const properties = isSchema(part['properties']) ? part['properties'] : {};
    for (const name of Array.isArray(part['required']) ? part['required'] : []) {
      const p: unknown = properties[String(name)];
      if (isSchema(p) && 'const' in p) tags.set(String(name), [JSON.stringify(p['const'])]);
      else if (isSchema(p) && Array.isArray(p['enum'])) tags.set(String(name), p['enum'].map((v) => JSON.stringify(v)));
    }
    return types.map((t) => ({ type: t === 'integer' ? 'number' : String(t), values: null, tags: t === 'object' ? tags : new Map<string, string[]>() }));
  }

  #reference(target: unknown, at: string, depth: number): Expr {
    if (typeof target !== 'string' || !target.startsWith('#')) throw refused('$ref', at, `points to ${JSON.stringify(target)}; only places in the same schema ("#/$defs/name") can be used`);
    const name = `ref ${target}`;
    if (!this.rules.has(name)) {
      this.rules.set(name, EMPTY);
      this.rules.set(name, this.value(this.#lookUp(target, at), target, depth + 1));
    }
    return rule(name);
  }

  #lookUp(target: string, at: string): unknown {
    let found: unknown = this.#root;
    for (const part of target.split('/').slice(1)) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      found = (isSchema(found) || Array.isArray(found)) && Object.hasOwn(found, key) ? (found as Schema)[key] : undefined;
    }
    if (found === undefined || (target !== '#' && !target.startsWith('#/'))) throw refused('$ref', at, `points to ${target}, which is not in the schema`);
    return found;
  }

  #typed(type: Type, s: Schema, at: string, depth: number): Expr {
    switch (type) {
      case 'null': return literal('null');
      case 'boolean': return alt(literal('true'), literal('false'));
      case 'string': return this.#string(s, at);
      case 'integer': case 'number': return this.#number(type, s, at);
      case 'array': return this.#array(s, at, depth);
      case 'object': return this.#object(s, at, depth);
    }
  }

  #string(s: Schema, at: string): Expr {
    const min = count(s, 'minLength', at) ?? 0;
    const max = count(s, 'maxLength', at) ?? Infinity;
    const special = ['pattern', 'format'].filter((k) => s[k] !== undefined);
    const sized = ['minLength', 'maxLength'].filter((k) => s[k] !== undefined);
    if (special.length === 2) throw refused('format', at, 'is not supported beside "pattern"');
    if (special.length === 1 && sized.length > 0) throw refused(sized[0] as string, at, `is not supported beside "${special[0]}"; put the length into the pattern`);
    if (min > max) throw refused('minLength', at, 'is above maxLength');
    const { pattern, format } = s;
    if (pattern !== undefined) {
      if (typeof pattern !== 'string') throw refused('pattern', at, 'must be a text');
      return quoted(regexExpr(pattern, { search: true, spell: quotedCharacter, where: `The "pattern" at ${at}` }));
    }
    if (format !== undefined) {
      const made = typeof format === 'string' ? formatExpr(format) : null;
      if (made === null) throw refused('format', at, `is ${JSON.stringify(format)}, which is not supported (${FORMAT_NAMES.join(', ')} are); use "pattern"`);
      return quoted(made);
    }
    return quoted(repeat(STRING_CHARACTER, min, max));
  }

  #number(type: 'integer' | 'number', s: Schema, at: string): Expr {
    const bound = (key: string): number | undefined => {
      const v = s[key];
      if (v === undefined) return undefined;
      if (typeof v !== 'number' || !Number.isFinite(v)) throw refused(key, at, 'must be a number');
      if (Math.abs(v) > 1e15) throw refused(key, at, 'is beyond 10^15, which is not supported');
      if (type === 'number' && !Number.isInteger(v)) throw refused(key, at, `is ${v}; for numbers only whole bounds are supported`);
      return v;
    };
    const [min, max, above, below] = [bound('minimum'), bound('maximum'), bound('exclusiveMinimum'), bound('exclusiveMaximum')];
    if ([min, max, above, below].every((x) => x === undefined)) return type === 'integer' ? INTEGER : NUMBER;
    const low = Math.max(min ?? -Infinity, above ?? -Infinity);
    const high = Math.min(max ?? Infinity, below ?? Infinity);
    const openLow = above !== undefined && above === low;
    const openHigh = below !== undefined && below === high;
    const made = type === 'number' ? (low > high ? null : decimalsBetween(low, high, openLow, openHigh))
      : integersBetween(openLow ? Math.floor(low) + 1 : Math.ceil(low), openHigh ? Math.ceil(high) - 1 : Math.floor(high));
    if (made === null) throw grammarError(`The JSON schema's bounds leave no ${type} at ${at}.`, { path: at });
    return made;
  }

  #array(s: Schema, at: string, depth: number): Expr {
    const min = count(s, 'minItems', at) ?? 0;
    const max = count(s, 'maxItems', at) ?? Infinity;
    const prefix = s['prefixItems'] ?? [];
    if (!Array.isArray(prefix)) throw refused('prefixItems', at, 'must be a list of schemas');
    if (Array.isArray(s['items'])) throw refused('items', at, 'is a list; write it as "prefixItems"');
    const closed = s['items'] === false;
    const most = closed ? Math.min(max, prefix.length) : max;
    if (min > most) throw refused('minItems', at, 'asks for more items than there may be');
    const fixed = prefix.slice(0, most === Infinity ? undefined : most).map((p, i) => this.value(p, `${at}/prefixItems/${i}`, depth + 1));
    const item = closed || fixed.length === most ? null : this.value(s['items'] ?? true, `${at}/items`, depth + 1);
    // From the end: what may follow after `n` items.
    const left = (n: number): number => Math.max(0, n);
    let rest: Expr = item === null ? EMPTY : repeat(seq(COMMA, item), left(min - Math.max(1, fixed.length)), most === Infinity ? Infinity : left(most - Math.max(1, fixed.length)));
    for (let i = fixed.length - 1; i >= 1; i--) { const more = seq(COMMA, fixed[i] as Expr, rest); rest = i < min ? more : optional(more); }
    const first = fixed[0] ?? item;
    const all = first === null || most === 0 ? EMPTY : seq(first, rest);
    return seq(literal('['), GAP, min > 0 ? all : optional(all), GAP, literal(']'));
  }

  #object(s: Schema, at: string, depth: number): Expr {
    const properties = s['properties'] ?? {};
    const required = s['required'] ?? [];
    if (!isSchema(properties)) throw refused('properties', at, 'must be an object of schemas');
    if (!Array.isArray(required) || required.some((r) => typeof r !== 'string')) throw refused('required', at, 'must be a list of names');
    const must = new Set(required as string[]);
    const others = s['additionalProperties'];
    const names = [...Object.keys(properties), ...[...must].filter((n) => !Object.hasOwn(properties, n))];
    const items = names.flatMap((name) => {
      const own = Object.hasOwn(properties, name);
      const schema = own ? properties[name] : others ?? true;
      if (schema === false && !must.has(name)) return [];
      const place = own ? `${at}/properties/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : `${at}/additionalProperties`;
      return [{ body: seq(jsonLiteral(name), COLON, this.value(schema, place, depth + 1)), required: must.has(name) }];
    });
    const free = others === undefined ? names.length === 0 : others !== false;
    const more = free ? seq(otherKey(names), COLON, this.value(others ?? true, `${at}/additionalProperties`, depth + 1)) : null;
    return seq(literal('{'), GAP, { kind: 'list', items, separator: COMMA, more }, GAP, literal('}'));
  }
}

interface Kind { type: string | null; values: string[] | null; tags: Map<string, string[]> }
function overlap(a: Kind, b: Kind): boolean {
  if (a.values && b.values) return a.values.some((v) => b.values!.includes(v));
  const [fixed, open] = a.values ? [a, b] : [b, a];
  if (fixed.values) return fixed.values.some((v) => hasType(JSON.parse(v), open.type === 'number' ? 'number' : (open.type as Type)));
  if (a.type !== b.type) return false;
  for (const [name, values] of a.tags) { const other = b.tags.get(name); if (other && !values.some((v) => other.includes(v))) return false; }
  return true;
}

function hasType(v: unknown, type: Type): boolean {
  switch (type) {
    case 'null': return v === null;
    case 'array': return Array.isArray(v);
    case 'object': return isSchema(v);
    case 'integer': return Number.isInteger(v);
    default: return typeof v === type;
  }
}

function count(s: Schema, key: string, at: string): number | undefined {
  const v = s[key];
  if (v === undefined) return undefined;
  if (typeof v !== 'number' || !Number.isInteger(v) || v < 0) throw refused(key, at, 'must be a whole number from 0 on');
  return v;
}

function refused(keyword: string, at: string, why: string): Error {
  return grammarError(`The JSON schema's keyword "${keyword}" at ${at} ${why}.`, { keyword, path: at });
}
