/** What is said about pairs and labelled answers before a run: what refuses the start, and what to know. Sources: TRL's KTO weights rule (spec/alignment.md 6); length bias: Singhal et al. 2023. */
import type { AnswerReview } from '../../data/encode/answer-review.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Recipe } from '../../../shared/schema/recipe.ts';
import type { Review } from '../../../shared/schema/review.ts';
import { readsLabels } from './encode-examples.ts';

export type Issue = Review['issues'][number];

/** KTO's authors want desirable and undesirable rows, times their weights, at 1:1 to 4:3. */
const BALANCE = [1, 1.33] as const;
/** From this share of pairs on whose better answer is the longer one (or the shorter one), length may be what is learned. */
const LENGTH_SHARE = 0.7;
/** Fewer pairs say nothing about shares. */
const ENOUGH_PAIRS = 20;
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
const rowsOf = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;
const are = (n: number): string => (n === 1 ? 'is' : 'are');
const have = (n: number): string => (n === 1 ? 'has' : 'have');

export function answerGates(recipe: Recipe, stats: AnswerReview, sharedPrompts: number | null): Issue[] {
  const issues: Issue[] = [];
  const add = (level: Issue['level'], code: string, path: string, message: string): void => { issues.push({ level, code, path, message }); };
  const { preference: p, failed, failures } = stats;
  const usable = stats.rows - failed - stats.zero_trained;
  if (usable <= 0) add('stop', 'no-trainable-tokens', 'data.train', nothingLeft(stats));
  if (failed > 0 && usable > 0) add('warn', 'row-invalid', 'data.train', `${rowsOf(failed)} cannot be used and ${are(failed)} left out. The first (row ${failures[0]?.line ?? 1}) says: ${failures[0]?.message ?? ''}`);
  if (p.identical > 0 && usable > 0) add('warn', 'identical-pair', 'data.train', `${p.identical} of ${p.pairs} pairs (${percent(p.identical / p.pairs)}) have the same answer as chosen and as rejected; they say nothing and are left out.`);
  if (p.too_long > 0 && usable > 0) add('warn', 'too-long', 'train.max_length', recipe.method === 'reward' ? `${rowsOf(p.too_long)} ${are(p.too_long)} longer than max_length and ${are(p.too_long)} left out: a reward is read at the end of a text, so none is cut.` : `${rowsOf(p.too_long)} ${have(p.too_long)} a prompt that fills max_length by itself and ${are(p.too_long)} left out.`);
  if (stats.truncated > 0) add('warn', 'truncated', 'train.max_length', `${rowsOf(stats.truncated)} ${are(stats.truncated)} longer than max_length and ${stats.truncated === 1 ? 'its answer is' : 'their answers are'} cut.`);
  if (stats.without_stop > 0) add('warn', 'without-stop', 'data.train', `${rowsOf(stats.without_stop)} ${have(stats.without_stop)} an answer that does not end with a stop token, so the model may not learn to stop.`);
  if (stats.boundary_merges > 0) add('warn', 'boundary-merge', 'data.train', `${rowsOf(stats.boundary_merges)} ${have(stats.boundary_merges)} a token that spans the end of the prompt and the start of an answer.`);
  if (readsLabels(recipe.method) && usable > 0) labels(recipe, stats, add);
  if (!readsLabels(recipe.method) && p.chosen_longer !== null && p.pairs >= ENOUGH_PAIRS && (p.chosen_longer >= LENGTH_SHARE || p.chosen_longer <= 1 - LENGTH_SHARE)) {
    const by = stats.longer_by ?? 0;
    add('warn', 'length-bias', 'data.train', `The chosen answer is the longer one in ${percent(p.chosen_longer)} of the pairs (on average ${Math.abs(by).toFixed(1)} tokens ${by >= 0 ? 'longer' : 'shorter'}), so length itself may be learned; watch the length of the answers${recipe.method === 'dpo' ? ', or use sigmoid_norm or ld_alpha' : ''}.`);
  }
  if (sharedPrompts !== null && sharedPrompts > 0) add('warn', 'prompt-overlap', 'data.eval', `${sharedPrompts} training rows have a prompt that also stands in the held-out data, so its scores may flatter.`);
  return issues;
}

function nothingLeft({ rows, failed, failures, preference: p }: AnswerReview): string {
  if (failed === rows) return `None of the ${rows} rows can be used. The first says: ${failures[0]?.message ?? ''}`;
  if (p.identical + failed === rows) return `In every one of the ${rowsOf(p.identical)} chosen and rejected are the same answer, so there is nothing to prefer; check the columns.`;
  return `None of the ${rows} rows can be trained on: ${p.too_long} do not fit into max_length, ${p.identical} have the same answer twice, ${failed} cannot be used.`;
}

function labels({ train }: Recipe, { preference: p }: AnswerReview, add: (level: Issue['level'], code: string, path: string, message: string) => void): void {
  if (p.desirable === 0 || p.undesirable === 0) {
    add('stop', 'one-class', 'data.train', `All ${p.desirable + p.undesirable} answers are labelled ${p.desirable === 0 ? 'false' : 'true'}; this method learns from the difference, so it needs both good and bad answers.`);
    return;
  }
  if (!('desirable_weight' in train)) return;
  const ratio = (train.desirable_weight * p.desirable) / Math.max(1e-12, train.undesirable_weight * p.undesirable);
  if (ratio >= BALANCE[0] && ratio <= BALANCE[1]) return;
  const [low, high] = BALANCE.map((b) => (b * train.undesirable_weight * p.undesirable) / p.desirable);
  add('warn', 'label-balance', 'train.desirable_weight', `Good answers weigh ${ratio.toFixed(2)} times what bad ones do (${p.desirable} good, ${p.undesirable} bad, with their weights); between 1 and 1.33 is advised: set desirable_weight between ${low!.toFixed(2)} and ${high!.toFixed(2)}.`);
}

/** For a start without a review: the first thing that refuses it. */
export function refuseAnswers(recipe: Recipe, stats: AnswerReview): void {
  const stop = answerGates(recipe, stats, null).find((issue) => issue.level === 'stop');
  if (stop) throw new AnnealError(stop.code === 'no-trainable-tokens' ? 'no-trainable-tokens' : 'row-invalid', stop.message, { path: stop.path });
}
