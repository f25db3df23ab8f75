/** What an answer must be, as typed beside the conversation: nothing, a JSON schema, or a regular expression. Pure. The engine refuses what it cannot follow, and names it. */
import type { GrammarSpec } from '../../../../shared/schema/generate.ts';

export const GRAMMAR_KINDS = ['none', 'json_schema', 'regex'] as const;
export interface GrammarDraft { kind: (typeof GRAMMAR_KINDS)[number]; schema: string; pattern: string }
export const NO_GRAMMAR: GrammarDraft = { kind: 'none', schema: '', pattern: '' };

export type GrammarProblem = { why: 'empty' | 'notSchema' } | { why: 'notJson'; detail: string };
export type ReadGrammar = { spec: GrammarSpec | null; problem: null } | { spec: null; problem: GrammarProblem };

export function readGrammar({ kind, schema, pattern }: GrammarDraft): ReadGrammar {
  if (kind === 'none') return { spec: null, problem: null };
  if ((kind === 'regex' ? pattern : schema.trim()) === '') return { spec: null, problem: { why: 'empty' } };
  if (kind === 'regex') return { spec: { kind, pattern }, problem: null };
  let value: unknown;
  try { value = JSON.parse(schema); } catch (e) { return { spec: null, problem: { why: 'notJson', detail: e instanceof Error ? e.message : '' } }; }
  if (typeof value === 'boolean') return { spec: { kind, schema: value }, problem: null };
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { spec: { kind, schema: { ...value } }, problem: null } : { spec: null, problem: { why: 'notSchema' } };
}
