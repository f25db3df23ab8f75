/** Statistics of a whole dataset before a run: what is trained on, what is cut, what never teaches to stop. Streams; holds two numbers a row. */
import { AnnealError } from '../../../shared/errors.ts';
import type { BadRow, CanonicalRow } from '../../../shared/formats.ts';
import type { EncodedRow, SftEncoder, SftWarning } from './sft.ts';

export interface ReviewOptions<T = EncodedRow> { signal?: AbortSignal | undefined; /** Called every few hundredths of a second, and at the end. */ onProgress?: ((rows: number) => void) | undefined; buckets?: number; /** Receives every encoded row with its index, so that a reader of both rows and statistics encodes once. */ visit?: ((encoded: T, index: number) => void) | undefined }
export interface SftReview {
  rows: number;
  /** Rows that the template or the loss options refuse; they are not trained on. `line` is the row's index + 1. */
  failed: number;
  failures: BadRow[];
  /** Rows with no trained token: dropped from training. */
  zero_trained: number;
  truncated: number;
  /** Indices of the first `MAX_TRUNCATED` of them. */
  truncated_rows: number[];
  without_stop: number;
  boundary_merges: number;
  warnings: Record<SftWarning, number>;
  /** Tokens after truncation, and those of them that are trained on. */
  tokens: number;
  trained_tokens: number;
  median_tokens: number;
  median_trained: number;
  /** Tokens of the longest row before truncation, and its index. */
  longest: number;
  longest_index: number;
  histogram: { upto: number; rows: number }[];
}

const MAX_FAILURES = 100;
export const MAX_TRUNCATED = 1000;
/** Milliseconds of work between two turns of the event loop, in which a cancel can arrive. */
const TURN = 25;
const pause = (): Promise<void> => new Promise((r) => { setImmediate(r); });

/** Median; the mean of the middle two for an even count; 0 for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const mid = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[mid] ?? 0) : ((sorted[mid - 1] ?? 0) + (sorted[mid] ?? 0)) / 2;
}

/** Rows by length in equal buckets up to the longest. */
export function lengthHistogram(lengths: readonly number[], buckets: number): { upto: number; rows: number }[] {
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  if (longest === 0) return [];
  const width = Math.max(1, Math.ceil(longest / buckets));
  const counts = Array.from({ length: Math.ceil(longest / width) }, (_, i) => ({ upto: (i + 1) * width, rows: 0 }));
  for (const n of lengths) { const bucket = counts[Math.max(0, Math.ceil(n / width) - 1)]; if (bucket) bucket.rows++; }
  return counts;
}

/**
 * Encodes every row, gives control back to the event loop now and then, and hands each result to `visit` (row index as in the dataset). Rows that cannot be encoded are collected, never silently skipped.
 * A missing or broken template, or an option that does not fit, is an error of the whole and thrown. Throws `cancelled`.
 */
export async function encodeEach<T>(rows: Iterable<CanonicalRow> | AsyncIterable<CanonicalRow>, encoder: { encode: (row: CanonicalRow) => T }, visit: (encoded: T, index: number) => void, options: ReviewOptions<T> = {}): Promise<{ rows: number; failed: number; failures: BadRow[] }> {
  let index = 0;
  let failed = 0;
  const failures: BadRow[] = [];
  let began = performance.now();
  for await (const row of rows) {
    if (options.signal?.aborted) throw new AnnealError('cancelled', 'The review was cancelled.');
    try { visit(encoder.encode(row), index); } catch (e) {
      if (!(e instanceof AnnealError) || e.code === 'template-missing' || e.code === 'recipe-value' || e.params['stopped'] === 1) throw e;
      failed++;
      if (failures.length < MAX_FAILURES) failures.push({ line: index + 1, code: 'row-invalid', message: e.message });
    }
    index++;
    if (performance.now() - began > TURN) { options.onProgress?.(index); await pause(); began = performance.now(); }
  }
  options.onProgress?.(index);
  return { rows: index, failed, failures };
}

/** Statistics over all rows; see `SftReview`. */
export async function reviewDataset(rows: Iterable<CanonicalRow> | AsyncIterable<CanonicalRow>, encoder: SftEncoder, options: ReviewOptions = {}): Promise<SftReview> {
  const lengths: number[] = [];
  const trained: number[] = [];
  const truncatedRows: number[] = [];
  const warnings: Record<SftWarning, number> = { truncated: 0, 'boundary-merge': 0, 'stop-outside-mask': 0, 'no-stop': 0, 'special-in-content': 0, 'mask-inexact': 0 };
  let tokens = 0;
  let trainedTokens = 0;
  let zero = 0;
  let longest = 0;
  let longestIndex = 0;
  const seen = await encodeEach(rows, encoder, (row, index) => {
    options.visit?.(row, index);
    lengths.push(row.ids.length);
    trained.push(row.trained);
    tokens += row.ids.length;
    trainedTokens += row.trained;
    if (row.trained === 0) zero++;
    for (const w of row.warnings) warnings[w]++;
    if (row.truncated && truncatedRows.length < MAX_TRUNCATED) truncatedRows.push(index);
    if (row.total > longest) { longest = row.total; longestIndex = index; }
  }, options);
  return {
    ...seen, zero_trained: zero, truncated: warnings.truncated, truncated_rows: truncatedRows, without_stop: warnings['no-stop'], boundary_merges: warnings['boundary-merge'], warnings, tokens, trained_tokens: trainedTokens,
    median_tokens: median(lengths), median_trained: median(trained), longest, longest_index: longestIndex, histogram: lengthHistogram(lengths, options.buckets ?? 20),
  };
}

export interface EncodedDataset { rows: EncodedRow[]; /** Index in the dataset of each kept row. */ indices: number[]; /** Rows without a trained token, left out. */ dropped: number; failed: number; failures: BadRow[] }

/** All rows for training, in order, without those that have nothing to train on. Throws `no-trainable-tokens` when none is left. */
export async function encodeDataset(rows: Iterable<CanonicalRow> | AsyncIterable<CanonicalRow>, encoder: SftEncoder, options: ReviewOptions = {}): Promise<EncodedDataset> {
  const out: EncodedDataset = { rows: [], indices: [], dropped: 0, failed: 0, failures: [] };
  const seen = await encodeEach(rows, encoder, (row, index) => {
    if (row.trained === 0) { out.dropped++; return; }
    out.rows.push(row);
    out.indices.push(index);
  }, options);
  if (out.rows.length === 0) {
    const why = seen.failures[0] ? ` The first refused row says: ${seen.failures[0].message}` : '';
    throw new AnnealError('no-trainable-tokens', `None of the ${seen.rows} rows has a token to train on; check max_length, the loss options and the chat template in the loss-mask view.${why}`, { rows: seen.rows });
  }
  return { ...out, failed: seen.failed, failures: seen.failures };
}
