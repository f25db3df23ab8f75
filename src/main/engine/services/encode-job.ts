/** Rows of a job as training sees them: token ids and loss masks, from the dataset version folders that the host resolved. */
import { createHash } from 'node:crypto';
import { encodeDataset } from '../../data/encode/review.ts';
import { SftEncoder } from '../../data/encode/sft.ts';
import type { EncodedRow as DataRow } from '../../data/encode/sft.ts';
import { openDataset } from '../../data/version/dataset.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Recipe } from '../../../shared/schema/recipe.ts';
import type { Job } from '../protocol.ts';
import type { EncodedRow } from '../methods/encoded-row.ts';
import type { TrainRow } from '../methods/example-row.ts';
import { checkReference } from './check-reference.ts';
import { refuseAnswers } from './answer-gates.ts';
import { encodeExamples, openAnswerEncoder, readsAnswers } from './encode-examples.ts';
import { openModelText, type ModelText } from './model-text.ts';

export interface EncodedJob { text: ModelText; rows: TrainRow[]; evalRows: TrainRow[]; dropped: number; refused: number }

/** `bfd_split` and `wrapped` cut rows while packing, so their rows arrive whole. */
function rowLimit(train: Recipe['train']): number | null {
  return 'packing_strategy' in train && train.packing && train.packing_strategy !== 'bfd' ? null : train.max_length;
}

export async function openEncoder(job: Job): Promise<{ text: ModelText; encoder: SftEncoder }> {
  const text = await openModelText(job.model);
  const { train } = job.recipe;
  const options = 'completion_only_loss' in train ? { completion_only_loss: train.completion_only_loss, assistant_only_loss: train.assistant_only_loss } : {};
  return { text, encoder: new SftEncoder(text.tokenizer, text.template, { ...options, max_length: rowLimit(train) }) };
}

export function trainRow(row: DataRow, source: number): EncodedRow {
  return { ids: row.ids, mask: row.mask, truncated: row.truncated, source };
}

export async function encodeJob(job: Job, signal?: AbortSignal): Promise<EncodedJob> {
  if (readsAnswers(job.recipe.method)) return encodeAnswerJob(job, signal);
  const { text, encoder } = await openEncoder(job);
  await using train = await opened(job.train_dir);
  const encoded = await encodeDataset(train.dataset, encoder, { signal });
  const rows = encoded.rows.map((r, i) => trainRow(r, encoded.indices[i] ?? i));
  return { text, rows, evalRows: await encodeHeldOut(job, encoder, signal), dropped: encoded.dropped, refused: encoded.failed };
}

/** Throws `no-trainable-tokens` or `row-invalid` for what the review would refuse. */
async function encodeAnswerJob(job: Job, signal: AbortSignal | undefined): Promise<EncodedJob> {
  const text = await openModelText(job.model);
  await checkReference(job, text);
  const encoder = openAnswerEncoder(job.recipe, text);
  await using train = await opened(job.train_dir);
  const { rows, review } = await encodeExamples(job.recipe, encoder, train.dataset, { signal, batch: job.recipe.train.per_device_train_batch_size });
  refuseAnswers(job.recipe, review);
  return { text, rows, evalRows: await encodeHeldOutAnswers(job, text, signal), dropped: review.zero_trained, refused: review.failed };
}

/** The first `data.eval_rows` held-out pairs or answers; none without held-out data. Throws `no-trainable-tokens` when none of them can be scored. */
export async function encodeHeldOutAnswers(job: Job, text: ModelText, signal?: AbortSignal): Promise<TrainRow[]> {
  if (job.eval_dir === null) return [];
  await using held = await opened(job.eval_dir);
  const given = await held.dataset.rows(0, job.recipe.data.eval_rows);
  const { rows, review } = await encodeExamples(job.recipe, openAnswerEncoder(job.recipe, text), given, { signal, batch: job.recipe.train.per_device_eval_batch_size });
  if (rows.length === 0) throw new AnnealError('no-trainable-tokens', `None of the ${given.length} held-out rows can be scored${review.failures[0] ? `; the first says: ${review.failures[0].message}` : ': they do not fit into max_length, or their answers are the same'}`, { rows: given.length });
  return rows;
}

/** The first `data.eval_rows` held-out rows; none without held-out data. Throws `no-trainable-tokens` when none of them can be scored. */
export async function encodeHeldOut(job: Job, encoder: SftEncoder, signal?: AbortSignal): Promise<EncodedRow[]> {
  if (job.eval_dir === null) return [];
  await using held = await opened(job.eval_dir);
  const rows = await held.dataset.rows(0, job.recipe.data.eval_rows);
  try {
    const encoded = await encodeDataset(rows, encoder, { signal });
    return encoded.rows.map((r, i) => trainRow(r, encoded.indices[i] ?? i));
  } catch (e) {
    if (!(e instanceof AnnealError) || e.code !== 'no-trainable-tokens') throw e;
    throw new AnnealError('no-trainable-tokens', `None of the ${rows.length} held-out rows has a token to score; check max_length, the loss options and the held-out dataset.`, { rows: rows.length }, { cause: e });
  }
}

export async function opened(dir: string): Promise<{ dataset: Awaited<ReturnType<typeof openDataset>> } & AsyncDisposable> {
  const dataset = await openDataset(dir);
  return { dataset, [Symbol.asyncDispose]: () => dataset.close() };
}

/** Settings that older runs did not know, with the value that means what those runs did: left out of the hash, so that their checkpoints can still be resumed. */
const ADDED: Record<string, unknown> = {
  neftune_noise_alpha: null, compute: 'fp32', freeze: [], exclude_modules: [], layers_to_transform: [], use_dora: false, bias: 'none', rank_pattern: {}, alpha_pattern: {}, modules_to_save: [], load_in_4bit: false, bnb_4bit_quant_type: 'nf4',
};

/** What a checkpoint must agree with to be resumed: everything that changes the numbers, and nothing that only changes what is shown or kept. */
export function recipeHash(recipe: Recipe): string {
  const later = (section: object, added: Record<string, unknown>): object => Object.fromEntries(Object.entries(section).filter(([key, value]) => JSON.stringify(added[key]) !== JSON.stringify(value)));
  const { save_steps: _s, save_total_limit: _l, eval_steps: _e, logging_steps: _g, per_device_eval_batch_size: _b, ...train } = recipe.train;
  return createHash('sha256').update(JSON.stringify([recipe.method, later(train, ADDED), recipe.adapter === 'none' ? recipe.adapter : later(recipe.adapter, ADDED), recipe.checkpoint ?? null, recipe.chat_template ?? null, ...(recipe.precision === 'fp16' ? ['fp16'] : [])])).digest('hex').slice(0, 16);
}
