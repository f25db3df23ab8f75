/** The review card: statistics over all rows, what will really run, the memory plan, and the gates that refuse a start. */
import { maskView } from '../../data/encode/mask-view.ts';
import { reviewDataset, type SftReview } from '../../data/encode/review.ts';
import { rowText, type Dataset } from '../../data/version/dataset.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { MaskRow, Review, ReviewStats } from '../../../shared/schema/review.ts';
import type { Job } from '../protocol.ts';
import type { EncodedRow } from '../methods/encoded-row.ts';
import { lossTokens } from '../methods/encoded-row.ts';
import { answerMaskRow, reviewAnswerJob } from './answer-review-job.ts';
import { readsAnswers } from './encode-examples.ts';
import { encodeHeldOut, openEncoder, opened, recipeHash, trainRow } from './encode-job.ts';
import { settleCompute } from '../train/int8-choice.ts';
import { loadModel } from '../train/load.ts';
import { measureQuantisation } from '../train/quantisation-loss.ts';
import { generationBytes } from './generation-bytes.ts';
import { planRun } from './plan-run.ts';
import { trainOptions } from './train-options.ts';

type Issue = Review['issues'][number];

/** Rows of both sets whose text is the same. */
async function overlapOf(train: Dataset, evalDir: string | null): Promise<number | null> {
  if (evalDir === null) return null;
  await using held = await opened(evalDir);
  const texts = new Set<string>();
  for await (const row of held.dataset) texts.add(rowText(row));
  let n = 0;
  for await (const row of train) if (texts.has(rowText(row))) n++;
  return n;
}

function gates(stats: SftReview, overlap: number | null, fits: boolean): Issue[] {
  const issues: Issue[] = [];
  const add = (level: Issue['level'], code: string, path: string, message: string): void => { issues.push({ level, code, path, message }); };
  if (stats.trained_tokens === 0) add('stop', 'no-trainable-tokens', 'data.train', 'No row has a token to train on: check the columns, the loss options and max_length.');
  else if (stats.zero_trained > 0) add('warn', 'zero-trained', 'data.train', `${stats.zero_trained} rows have no token to train on and are left out.`);
  if (stats.failed > 0) add('warn', 'row-invalid', 'data.train', `${stats.failed} rows cannot be used and are left out. The first says: ${stats.failures[0]?.message ?? ''}`);
  if (stats.truncated > 0) add('warn', 'truncated', 'train.max_length', `${stats.truncated} rows are longer than max_length and are cut.`);
  if (stats.without_stop > 0) add('warn', 'without-stop', 'data.train', `${stats.without_stop} rows do not end with a trained stop token, so the model may not learn to stop.`);
  if (stats.boundary_merges > 0) add('warn', 'boundary-merge', 'data.train', `${stats.boundary_merges} rows have a token that spans the end of the prompt and the start of the completion.`);
  if (overlap !== null && overlap > 0) add('warn', 'overlap', 'data.eval', `${overlap} training rows also stand in the held-out data, so its scores will flatter.`);
  if (!fits) add('stop', 'memory-exceeded', 'train', 'The plan needs more memory than the run may take; see the remedies.');
  return issues;
}

/** Throws what makes the whole review impossible (model, tokenizer, template, dataset); everything else is an issue in the result. */
export async function reviewJob(job: Job, onProgress: (share: number) => void, signal: AbortSignal): Promise<Review> {
  if (readsAnswers(job.recipe.method)) return reviewAnswerJob(job, onProgress, signal);
  const { text, encoder } = await openEncoder(job);
  await using train = await opened(job.train_dir);
  const { dataset } = train;
  if (dataset.count === 0) throw new AnnealError('dataset-empty', 'The training dataset has no rows; choose another one.');
  const rows: EncodedRow[] = [];
  const stats = await reviewDataset(dataset, encoder, {
    signal, onProgress: (n) => { onProgress(0.9 * (n / dataset.count)); },
    visit: (row, index) => { const r = trainRow(row, index); if (lossTokens(r) > 0) rows.push(r); },
  });
  const overlap = await overlapOf(dataset, job.eval_dir);
  let evalRows: EncodedRow[] = [];
  const issues: Issue[] = [];
  try { evalRows = await encodeHeldOut(job, encoder, signal); } catch (e) {
    if (!(e instanceof AnnealError) || e.code !== 'no-trainable-tokens') throw e;
    issues.push({ level: 'stop', code: e.code, path: 'data.eval', message: e.message });
  }
  onProgress(0.95);
  const shape: ReviewStats = {
    rows: stats.rows, zero_trained: stats.zero_trained + stats.failed, truncated: stats.truncated, truncated_rows: stats.truncated_rows, without_stop: stats.without_stop, boundary_merges: stats.boundary_merges, tokens: stats.tokens, trained_tokens: stats.trained_tokens,
    median_tokens: stats.median_tokens, median_trained: stats.median_trained, longest: stats.longest, longest_index: stats.longest_index, overlap, template: text.templateName, histogram: stats.histogram,
  };
  const first = await firstRow(dataset, rows[0]?.source ?? 0, encoder);
  const given = trainOptions(job, rows, evalRows, recipeHash(job.recipe));
  const { options } = await settleCompute({ ...given, resume: null }, loadModel(given));
  const described = planRun(job, { ...options, ...generationBytes(job, text, options) });
  const quantisation = rows.length > 0 && options.adapter?.load_in_4bit === true ? await measureQuantisation(loadModel(options), options, { fill: true, signal }) : null;
  return { recipe: job.recipe, issues: [...gates(stats, overlap, described.plan.fits), ...issues], stats: shape, plan: described.plan, run: described.run, quantisation, first };
}

async function firstRow(dataset: Dataset, index: number, encoder: Parameters<typeof maskView>[0]): Promise<MaskRow> {
  return maskView(encoder, await dataset.row(index), index);
}

export async function maskRow(job: Job, index: number): Promise<MaskRow> {
  if (readsAnswers(job.recipe.method)) return answerMaskRow(job, index);
  const { encoder } = await openEncoder(job);
  await using train = await opened(job.train_dir);
  return firstRow(train.dataset, index, encoder);
}
