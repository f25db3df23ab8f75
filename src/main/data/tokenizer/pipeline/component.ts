/** Parts of a tokenizer.json, as they are read: an object with a `type`. What is not known is refused by name, never skipped. */
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { AnnealError } from '../../../../shared/errors.ts';
import { isObject, type JsonObject } from '../files.ts';

export type Component = JsonObject;

export const typeOf = (c: Component): string => (typeof c['type'] === 'string' ? c['type'] : '');
export const asComponent = (value: unknown): Component | null => (isObject(value) ? value : null);
/** The parts of a sequence, under the key that its kind uses. */
export const partsOf = (c: Component, key: string): Component[] => (Array.isArray(c[key]) ? c[key].filter(isObject) : []);
export const textOf = (c: Component, key: string, otherwise: string): string => (typeof c[key] === 'string' ? c[key] : otherwise);

/** All `type` names in a component, nested sequences included. */
export function typesOf(component: unknown): string[] {
  if (!isObject(component)) return [];
  const lists = ['normalizers', 'decoders', 'pretokenizers', 'processors'].flatMap((k) => partsOf(component, k).flatMap(typesOf));
  return [...(typeOf(component) === '' ? [] : [typeOf(component)]), ...lists];
}

export function unsupported(place: string, c: Component): AnnealError {
  const type = typeOf(c).slice(0, 60);
  return new AnnealError('tokenizer-invalid', `The ${place} "${type}" of tokenizer.json is not supported: its tokens could differ from those that the model was trained with.`, { type });
}

/** A pattern of tokenizer.json (`{String}` or `{Regex}`, in Oniguruma's syntax) as a global regular expression. The package translates the syntax. Throws `tokenizer-invalid`. */
export function compilePattern(pattern: unknown): RegExp {
  const config = isObject(pattern) ? pattern : {};
  const source = config['Regex'] ?? config['String'];
  if (typeof source === 'string') {
    try {
      const compiled = new SplitPreTokenizer({ type: 'Split', pattern: config, behavior: 'Isolated', invert: false } as unknown as ConstructorParameters<typeof SplitPreTokenizer>[0]).pattern;
      if (compiled) return compiled;
    } catch (e) { throw new AnnealError('tokenizer-invalid', `A pattern of tokenizer.json cannot be used: ${e instanceof Error ? e.message.slice(0, 200) : String(e)}`, {}, { cause: e }); }
  }
  throw new AnnealError('tokenizer-invalid', 'A pattern of tokenizer.json is neither a text nor a regular expression.');
}

/** Every character by itself, as Rust does it: without the rule for a sigma at the end of a word. */
export const lowerCase = (text: string): string => { let out = ''; for (const c of text) out += c.toLowerCase(); return out; };
