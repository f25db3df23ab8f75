/** A tokenizer as grammars see it, and grammars made for it. */
import { AnnealError } from '../../../shared/errors.ts';
import type { GrammarSpec } from '../../../shared/schema/generate.ts';
import type { Tokenizer } from '../../data/tokenizer/tokenizer.ts';
import { Constraint, grammarOf, type Vocabulary } from '../generate/index.ts';

/** Throws `grammar-invalid` for a tokenizer whose tokens have no spelling of their own (WordPiece joins words by rules). */
export function vocabularyOf(tokenizer: Tokenizer, stopIds: readonly number[]): Vocabulary {
  if (tokenizer.spelling === 'wordpiece') throw new AnnealError('grammar-invalid', 'The model has a WordPiece tokenizer, whose tokens do not add up to the text, so no grammar can be followed; use the model without one.');
  const stops = new Set(stopIds);
  return {
    size: tokenizer.size, stopIds, dropsFirstSpace: dropsFirstSpace(tokenizer),
    bytesOf: (id) => (stops.has(id) || tokenizer.specialIds.has(id) || tokenizer.unk?.id === id ? null : tokenizer.bytesOf(id)),
  };
}

/** Tried out on the first token that begins with a space. */
function dropsFirstSpace(tokenizer: Tokenizer): boolean {
  for (let id = 0; id < tokenizer.size; id++) {
    const bytes = tokenizer.bytesOf(id);
    if (bytes[0] === 0x20 && bytes.length > 1 && bytes.every((b) => b < 0x80) && !tokenizer.specialIds.has(id)) return !tokenizer.streamDecoder().push(id).startsWith(' ');
  }
  return false;
}

const KEEP = 8;
/** Compiled grammars by what was asked; the last few are kept. */
export function constraintCache(tokenizer: Tokenizer): (spec: GrammarSpec, stopIds: readonly number[]) => Constraint {
  const made = new Map<string, Constraint>();
  const vocabularies = new Map<string, Vocabulary>();
  return (spec, stopIds) => {
    const stops = stopIds.join();
    const key = `${stops} ${JSON.stringify(spec)}`;
    const known = made.get(key);
    if (known) return known;
    const vocabulary = vocabularies.get(stops) ?? vocabularyOf(tokenizer, stopIds);
    vocabularies.set(stops, vocabulary);
    const constraint = new Constraint(grammarOf(spec), vocabulary);
    if (made.size >= KEEP) made.delete(made.keys().next().value ?? '');
    made.set(key, constraint);
    return constraint;
  };
}
