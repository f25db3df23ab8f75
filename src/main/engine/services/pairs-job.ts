/** How a model ranks the answers of pairs: sums of log-probabilities of the preferred and the other answer, row by row. */
import { AnswerEncoder } from '../../data/encode/answers.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { ExampleRow } from '../methods/example-row.ts';
import type { ModelRef } from '../protocol.ts';
import { scoreCompletions } from '../train/score-completions.ts';
import { opened } from './encode-job.ts';
import { openModelText } from './model-text.ts';

export interface PairsRequest { model: ModelRef; dataset_dir: string; max_length: number; threads: number }
/** Nats, and tokens of the answers. */
export interface ScoredPair { index: number; chosen: number; rejected: number; chosen_tokens: number; rejected_tokens: number }

/** Throws `row-invalid` for rows that are no pairs or do not fit `max_length`: a share over some of the rows would not be the share that was asked for. */
export async function pairsJob({ model, dataset_dir, max_length, threads }: PairsRequest, signal: AbortSignal): Promise<{ pairs: ScoredPair[] }> {
  const { tokenizer, template } = await openModelText(model), encoder = new AnswerEncoder(tokenizer, template, { max_length });
  await using data = await opened(dataset_dir);
  const rows: ExampleRow[] = [];
  for await (const row of data.dataset) {
    const source = rows.length, { answers, truncated, separate } = encoder.encode(row);
    if (answers.length !== 2 || truncated) throw new AnnealError('row-invalid', `Row ${source} cannot be scored as a pair: ${truncated ? `it is longer than ${max_length} tokens` : 'it has one answer only'}.`, { row: source });
    rows.push({ completions: answers.map(({ ids, prompt }) => ({ ids, prompt })), columns: {}, truncated, ...(separate ? { separate } : {}), source });
  }
  const scores = await scoreCompletions({ modelFolder: model.folder, start: model.checkpoint, rows, maxLength: max_length, threads, signal });
  return {
    pairs: scores.map(({ row, logps: [chosen = 0, rejected = 0] }) => {
      const [good, bad] = rows[row]!.completions.map(({ ids, prompt }) => ids.length - prompt);
      return { index: row, chosen, rejected, chosen_tokens: good!, rejected_tokens: bad! };
    }),
  };
}
