/** Pairs and labelled answers of a job as training sees them, with the statistics that the gates judge. */
import { AnswerEncoder, type EncodedExample } from '../../data/encode/answers.ts';
import { reviewAnswers, type AnswerReview } from '../../data/encode/answer-review.ts';
import { labelledRows, mismatchedAnswers, type SourcedRow } from '../../data/encode/judged.ts';
import type { CanonicalRow } from '../../../shared/formats.ts';
import type { Recipe } from '../../../shared/schema/recipe.ts';
import type { ExampleRow } from '../methods/example-row.ts';
import { engineMethod } from '../methods/index.ts';
import type { ModelText } from './model-text.ts';

export interface EncodedExamples { rows: ExampleRow[]; review: AnswerReview }
export interface ExampleOptions { signal?: AbortSignal | undefined; onProgress?: ((rows: number) => void) | undefined; /** Rows of a batch: KTO takes its mismatched answers from within it. */ batch: number }

/** Does the method compare or judge answers? */
export const readsAnswers = (method: Recipe['method']): boolean => engineMethod(method).roles.length > 0;
/** Does it take answers one by one, with a label? */
export const readsLabels = (method: Recipe['method']): boolean => engineMethod(method).columns?.includes('label') === true;

export function openAnswerEncoder(recipe: Recipe, text: ModelText): AnswerEncoder {
  return new AnswerEncoder(text.tokenizer, text.template, { max_length: recipe.train.max_length, reward: engineMethod(recipe.method).head === 'score' });
}

async function* sourced(rows: Iterable<CanonicalRow> | AsyncIterable<CanonicalRow>): AsyncGenerator<SourcedRow> {
  let source = 0;
  for await (const row of rows) yield { row, source: source++ };
}

export async function encodeExamples(recipe: Recipe, encoder: AnswerEncoder, rows: Iterable<CanonicalRow> | AsyncIterable<CanonicalRow>, options: ExampleOptions): Promise<EncodedExamples> {
  const method = engineMethod(recipe.method);
  const kept: { example: EncodedExample; source: number }[] = [];
  const review = await reviewAnswers(readsLabels(recipe.method) ? labelledRows(rows) : sourced(rows), encoder, {
    signal: options.signal, onProgress: options.onProgress, visit: (example, source) => { kept.push({ example, source }); },
  });
  const mismatched = method.roles.includes('mismatched')
    ? mismatchedAnswers(kept.map(({ example }) => example.answers[0]!), Math.max(2, options.batch), encoder.maxLength, { own: 'parity' in recipe.train && recipe.train.parity === 'trl' })
    : null;
  return {
    review,
    rows: kept.map(({ example, source }, i): ExampleRow => ({
      completions: [...example.answers, ...(mismatched === null ? [] : [mismatched[i]!])].map(({ ids, prompt }) => ({ ids, prompt })),
      columns: Object.fromEntries((method.columns ?? []).map((name) => [name, example.columns[name as keyof EncodedExample['columns']] ?? 0])),
      truncated: example.truncated, ...(example.separate ? { separate: true } : {}), source,
    })),
  };
}
