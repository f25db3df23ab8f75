/** The review card of a method that compares or judges answers. */
import { answerView } from '../../data/encode/answer-view.ts';
import type { AnswerEncoder } from '../../data/encode/answers.ts';
import { rowPrompt, rowText, type Dataset } from '../../data/version/dataset.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Recipe } from '../../../shared/schema/recipe.ts';
import type { MaskRow, Review, ReviewStats } from '../../../shared/schema/review.ts';
import type { TrainRow } from '../methods/example-row.ts';
import type { Job } from '../protocol.ts';
import { answerGates, type Issue } from './answer-gates.ts';
import { checkReference } from './check-reference.ts';
import { encodeHeldOutAnswers, opened, recipeHash } from './encode-job.ts';
import { encodeExamples, openAnswerEncoder } from './encode-examples.ts';
import { openModelText } from './model-text.ts';
import { generationBytes } from './generation-bytes.ts';
import { planRun } from './plan-run.ts';
import { trainOptions } from './train-options.ts';
import { settleCompute } from '../train/int8-choice.ts';
import { loadModel } from '../train/load.ts';
import { measureQuantisation } from '../train/quantisation-loss.ts';

/** Training rows whose text, and whose prompt, stand in the held-out data too. */
async function overlaps(train: Dataset, evalDir: string | null): Promise<{ rows: number | null; prompts: number | null }> {
  if (evalDir === null) return { rows: null, prompts: null };
  await using held = await opened(evalDir);
  const texts = new Set<string>(), prompts = new Set<string>();
  for await (const row of held.dataset) {
    texts.add(rowText(row));
    const prompt = rowPrompt(row);
    if (prompt !== null && prompt.trim() !== '') prompts.add(prompt);
  }
  let same = 0, asked = 0;
  for await (const row of train) {
    if (texts.has(rowText(row))) same++;
    if (prompts.has(rowPrompt(row) ?? '')) asked++;
  }
  return { rows: same, prompts: asked };
}

/** Throws what makes the whole review impossible (model, tokenizer, template, dataset); everything else is an issue in the result. */
export async function reviewAnswerJob(job: Job, onProgress: (share: number) => void, signal: AbortSignal): Promise<Review> {
  const { recipe } = job;
  const text = await openModelText(job.model);
  await checkReference(job, text);
  const encoder = openAnswerEncoder(recipe, text);
  await using train = await opened(job.train_dir);
  const { dataset } = train;
  const { rows, review } = await encodeExamples(recipe, encoder, dataset, { signal, batch: recipe.train.per_device_train_batch_size, onProgress: (n) => { onProgress(0.9 * Math.min(1, n / dataset.count)); } });
  const overlap = await overlaps(dataset, job.eval_dir);
  const issues: Issue[] = answerGates(recipe, review, overlap.prompts);
  if (overlap.rows !== null && overlap.rows > 0) issues.push({ level: 'warn', code: 'overlap', path: 'data.eval', message: `${overlap.rows} training rows also stand in the held-out data, so its scores will flatter.` });
  let evalRows: TrainRow[] = [];
  try { evalRows = await encodeHeldOutAnswers(job, text, signal); } catch (e) {
    if (!(e instanceof AnnealError) || e.code !== 'no-trainable-tokens') throw e;
    issues.push({ level: 'stop', code: e.code, path: 'data.eval', message: e.message });
  }
  onProgress(0.95);
  const { rows: count, zero_trained: left, failed, failures: _f, longer_by: _l, ...shape } = review;
  const stats: ReviewStats = { ...shape, rows: count, zero_trained: left + failed, overlap: overlap.rows, template: text.templateName };
  const given = trainOptions(job, rows, evalRows, recipeHash(recipe));
  const { options } = await settleCompute({ ...given, resume: null }, loadModel(given));
  const { plan, run } = planRun(job, { ...options, ...generationBytes(job, text, options) });
  if (!plan.fits) issues.push({ level: 'stop', code: 'memory-exceeded', path: 'train', message: 'The plan needs more memory than the run may take; see the remedies.' });
  const quantisation = rows.length > 0 && options.adapter?.load_in_4bit === true && recipe.method !== 'reward' ? await measureQuantisation(loadModel(options), options, { fill: true, signal }) : null;
  return { recipe, issues, stats, plan, run, quantisation, first: await answerRow(recipe, encoder, dataset, rows[0]?.source ?? 0) };
}

/** The row, or what is wrong with it as an empty row. */
async function answerRow(recipe: Recipe, encoder: AnswerEncoder, dataset: Dataset, index: number): Promise<MaskRow> {
  try {
    return answerView(encoder, await dataset.row(index), index, { promptTrained: recipe.method === 'orpo' && recipe.train.nll_on_prompt });
  } catch (e) {
    if (!(e instanceof AnnealError) || e.code !== 'row-invalid') throw e;
    return { index, total: 0, tokens: [], trained: 0, context: 0, cut: 0, has_stop: false, warnings: [], answers: [] };
  }
}

export async function answerMaskRow(job: Job, index: number): Promise<MaskRow> {
  const text = await openModelText(job.model);
  await using train = await opened(job.train_dir);
  return answerView(openAnswerEncoder(job.recipe, text), await train.dataset.row(index), index, { promptTrained: job.recipe.method === 'orpo' && job.recipe.train.nll_on_prompt });
}
