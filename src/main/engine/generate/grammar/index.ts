/** Grammars: what a generated text must be, from its first to its last character. */
import type { GrammarSpec } from '../../../../shared/schema/generate.ts';
import type { Grammar } from './expr.ts';
import { jsonSchemaGrammar } from './json-schema.ts';
import { regexExpr } from './regex.ts';

export { Constraint, Place, allows } from './constraint.ts';
export type { Vocabulary } from './token-trie.ts';

/** Throws `grammar-invalid` with what cannot be used, and where. */
export function grammarOf(spec: GrammarSpec): Grammar {
  return spec.kind === 'regex' ? { start: regexExpr(spec.pattern), rules: new Map() } : jsonSchemaGrammar(spec.schema);
}
