/** Statistics of pairs or labelled answers before a run. Streams; holds a few numbers a row. Lengths are tokens. */
import type { BadRow } from '../../../shared/formats.ts';
import type { PreferenceStats } from '../../../shared/schema/review.ts';
import type { AnswerEncoder, EncodedExample } from './answers.ts';
import type { SourcedRow } from './judged.ts';
import { encodeEach, lengthHistogram, MAX_TRUNCATED, median, type ReviewOptions } from './review.ts';

export interface AnswerReview {
  rows: number; failed: number; failures: BadRow[]; zero_trained: number; truncated: number; truncated_rows: number[]; without_stop: number; boundary_merges: number;
  tokens: number; trained_tokens: number; median_tokens: number; median_trained: number; longest: number; longest_index: number; histogram: { upto: number; rows: number }[];
  preference: PreferenceStats;
  /** Mean tokens by which the chosen answer is longer than the rejected one; null without pairs. */
  longer_by: number | null;
}
export interface AnswerReviewOptions { signal?: AbortSignal | undefined; onProgress?: ((rows: number) => void) | undefined; /** Examples that can be trained on, with their index in the dataset. */ visit?: ((example: EncodedExample, source: number) => void) | undefined }

const answerLength = (e: EncodedExample, i: number): number => (e.answers[i]?.ids.length ?? 0) - (e.answers[i]?.prompt ?? 0);

/** Encodes every example once. Those that say nothing (two same answers) or do not fit are counted and not visited; those that cannot be encoded are `failures`. */
export async function reviewAnswers(rows: AsyncIterable<SourcedRow>, encoder: AnswerEncoder, options: AnswerReviewOptions = {}): Promise<AnswerReview> {
  const lengths: number[] = [], trained: number[] = [], truncatedRows: number[] = [], differences: number[] = [];
  const sides: { good: number[]; bad: number[] } = { good: [], bad: [] };
  const count = { pairs: 0, desirable: 0, undesirable: 0, identical: 0, tooLong: 0, truncated: 0, withoutStop: 0, merges: 0 };
  let tokens = 0, longest = 0, longestIndex = 0, source = 0;
  async function* only(): AsyncGenerator<SourcedRow['row']> { for await (const next of rows) { source = next.source; yield next.row; } }
  const rule: ReviewOptions<EncodedExample> = { signal: options.signal, onProgress: options.onProgress };
  const seen = await encodeEach(only(), encoder, (example) => {
    const total = Math.max(...example.answers.map((a) => a.total));
    if (total > longest) { longest = total; longestIndex = source; }
    const pair = example.answers.length === 2;
    if (pair) count.pairs++;
    else if (example.columns.label === 1) count.desirable++;
    else count.undesirable++;
    if (example.identical) count.identical++;
    if (example.tooLong) count.tooLong++;
    if (example.truncated && !encoder.reward) { count.truncated++; if (truncatedRows.length < MAX_TRUNCATED) truncatedRows.push(source); }
    if (example.identical || example.tooLong) return;
    lengths.push(Math.max(...example.answers.map((a) => a.ids.length)));
    const own = example.answers.reduce((n, _, i) => n + answerLength(example, i), 0);
    trained.push(own);
    tokens += example.answers.reduce((n, a) => n + a.ids.length, 0);
    if (example.answers[0]?.hasStop === false) count.withoutStop++;
    if (example.separate) count.merges++;
    (pair || example.columns.label === 1 ? sides.good : sides.bad).push(answerLength(example, 0));
    if (pair) { sides.bad.push(answerLength(example, 1)); differences.push(answerLength(example, 0) - answerLength(example, 1)); }
    options.visit?.(example, source);
  }, rule);
  const longer = differences.reduce((n, d) => n + (d > 0 ? 1 : d === 0 ? 0.5 : 0), 0);
  return {
    ...seen, zero_trained: count.identical + count.tooLong, truncated: count.truncated, truncated_rows: truncatedRows, without_stop: count.withoutStop, boundary_merges: count.merges, tokens, trained_tokens: trained.reduce((a, b) => a + b, 0),
    median_tokens: median(lengths), median_trained: median(trained), longest, longest_index: longestIndex, histogram: lengthHistogram(lengths, 20),
    preference: { pairs: count.pairs, desirable: count.desirable, undesirable: count.undesirable, identical: count.identical, too_long: count.tooLong, chosen_median: median(sides.good), rejected_median: median(sides.bad), chosen_longer: differences.length === 0 ? null : longer / differences.length },
    longer_by: differences.length === 0 ? null : differences.reduce((a, b) => a + b, 0) / differences.length,
  };
}
