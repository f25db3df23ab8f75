/** The report card of a reward model from scored pairs: pure statistics, stated in shared/schema/reward.ts. Answers stand in the order chosen, rejected. */
import { FORMAT_TRAITS, type RewardReport, type ScoredRow, type Share } from '../../../shared/schema/reward.ts';
import { pearson, spearman } from '../statistics/correlation.ts';
import { mean, wilson } from '../statistics/intervals.ts';
import { Random } from '../statistics/random.ts';
import { rewardGate } from './gate.ts';
import { TRAITS } from './traits.ts';

/** Lengths count as matched when they differ by this share of the longer at most. */
export const MATCHED = 0.1;
const BINS = 10;
const HISTOGRAM = 20;
const WORST = 12;
const SEED = 1;

interface Pair { row: ScoredRow; chosen: ScoredRow['answers'][number]; rejected: ScoredRow['answers'][number]; margin: number }

/** Throws RangeError without a single pair. `leftOut`: pairs that could not be scored. */
export function rewardReport(rows: readonly ScoredRow[], leftOut = 0): RewardReport {
  const pairs = rows.filter((r) => r.answers.length === 2).map((row): Pair => { const [chosen, rejected] = [row.answers[0]!, row.answers[1]!]; return { row, chosen, rejected, margin: chosen.score - rejected.score }; });
  if (pairs.length === 0) throw new RangeError('a report needs at least one scored pair');
  const margins = pairs.map((p) => p.margin), scores = pairs.flatMap((p) => [p.chosen.score, p.rejected.score]);
  const part: Omit<RewardReport, 'gate'> = {
    pairs: pairs.length, left_out: leftOut,
    accuracy: shareOf(pairs, right), ties: margins.filter((m) => m === 0).length,
    margin: { mean: mean(margins), median: median(margins), sd: deviation(margins) },
    score: { mean: mean(scores), sd: deviation(scores), min: scores.reduce((a, b) => Math.min(a, b)), max: scores.reduce((a, b) => Math.max(a, b)) },
    histogram: histogram(margins), calibration: calibration(pairs), length: lengthBias(pairs), format: formatBias(pairs), ratings: ratings(pairs), worst: worst(pairs),
  };
  return { ...part, gate: rewardGate(part) };
}

const right = (p: Pair): boolean => p.margin > 0;

export function shareOf<T>(items: readonly T[], holds: (item: T) => boolean): Share {
  const k = items.filter(holds).length, n = items.length, { low, high } = wilson(k, n);
  return { k, n, value: n === 0 ? 0 : k / n, low, high };
}
const shareOrNull = <T>(items: readonly T[], holds: (item: T) => boolean): Share | null => (items.length === 0 ? null : shareOf(items, holds));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
/** With n - 1; 0 for a single value. */
function deviation(values: readonly number[]): number {
  const m = mean(values);
  return values.length < 2 ? 0 : Math.sqrt(values.reduce((n, v) => n + (v - m) ** 2, 0) / (values.length - 1));
}

/** Buckets of equal width that have 0 as an edge, so that wrong and right never share one. */
export function histogram(margins: readonly number[]): RewardReport['histogram'] {
  const reach = margins.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1, width = (2 * reach) / HISTOGRAM;
  const counts = Array.from({ length: HISTOGRAM }, () => 0);
  // A margin of exactly 0 is not right: it counts below.
  for (const m of margins) counts[Math.max(0, Math.min(HISTOGRAM - 1, m === 0 ? HISTOGRAM / 2 - 1 : Math.floor((m + reach) / width)))]!++;
  return counts.map((count, i) => ({ from: -reach + i * width, to: -reach + (i + 1) * width, count }));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** In the stored order the first answer is always the preferred one, which would say nothing about low probabilities: half of the pairs are turned round, drawn by a fixed seed. */
export function calibration(pairs: readonly { margin: number }[]): RewardReport['calibration'] {
  const random = new Random(SEED);
  const bins = Array.from({ length: BINS }, () => ({ n: 0, p: 0, y: 0 }));
  for (const { margin } of pairs) {
    const turned = random.bits() % 2 === 1, p = sigmoid(turned ? -margin : margin), bin = bins[Math.min(BINS - 1, Math.floor(p * BINS))]!;
    bin.n++;
    bin.p += p;
    bin.y += turned ? 0 : 1;
  }
  const filled = bins.map((b, i) => ({ from: i / BINS, to: (i + 1) / BINS, n: b.n, predicted: b.n === 0 ? 0 : b.p / b.n, observed: b.n === 0 ? 0 : b.y / b.n }));
  return { bins: filled, ece: filled.reduce((sum, b) => sum + (b.n / pairs.length) * Math.abs(b.predicted - b.observed), 0) };
}

function lengthBias(pairs: readonly Pair[]): RewardReport['length'] {
  const answers = pairs.flatMap((p) => [p.chosen, p.rejected]), tokens = answers.map((a) => a.answer_tokens), scores = answers.map((a) => a.score);
  const differences = pairs.map((p) => p.chosen.answer_tokens - p.rejected.answer_tokens), margins = pairs.map((p) => p.margin);
  const matched = pairs.filter((p) => Math.abs(p.chosen.answer_tokens - p.rejected.answer_tokens) <= MATCHED * Math.max(p.chosen.answer_tokens, p.rejected.answer_tokens));
  const unequal = pairs.filter((p) => p.chosen.answer_tokens !== p.rejected.answer_tokens), longerChosen = (p: Pair): boolean => p.chosen.answer_tokens > p.rejected.answer_tokens;
  return {
    score_pearson: pearson(tokens, scores), score_spearman: spearman(tokens, scores), margin_pearson: pearson(differences, margins), margin_spearman: spearman(differences, margins),
    matched: shareOrNull(matched, right), longer_chosen: shareOrNull(unequal, longerChosen), longer_wins: shareOrNull(unequal, (p) => (longerChosen(p) ? p.margin > 0 : p.margin < 0)),
  };
}

function formatBias(pairs: readonly Pair[]): RewardReport['format'] {
  return FORMAT_TRAITS.flatMap((trait) => {
    const has = TRAITS[trait], differ = pairs.filter((p) => has(p.chosen.text) !== has(p.rejected.text));
    if (differ.length === 0) return [];
    const chosenHas = (p: Pair): boolean => has(p.chosen.text);
    return [{ trait, pairs: differ.length, chosen_has: shareOf(differ, chosenHas), wins: shareOf(differ, (p) => (chosenHas(p) ? p.margin > 0 : p.margin < 0)), accuracy: shareOf(differ, right) }];
  });
}

function ratings(pairs: readonly Pair[]): RewardReport['ratings'] {
  const rated = pairs.flatMap((p) => (p.row.rating === null ? [] : [{ rating: p.row.rating, margin: p.margin }]));
  if (rated.length === 0) return null;
  const given = rated.map((r) => r.rating), margins = rated.map((r) => r.margin);
  return { pairs: rated.length, spearman: spearman(given, margins), pearson: pearson(given, margins), agreement: shareOrNull(rated.filter((r) => r.rating !== 0), (r) => r.rating * r.margin > 0) };
}

function worst(pairs: readonly Pair[]): RewardReport['worst'] {
  return pairs.filter((p) => p.margin < 0).toSorted((a, b) => a.margin - b.margin || a.row.index - b.row.index).slice(0, WORST).map(({ row, chosen, rejected }) => ({
    index: row.index, prompt: row.prompt, chosen: chosen.text, rejected: rejected.text, chosen_score: chosen.score, rejected_score: rejected.score, chosen_tokens: chosen.answer_tokens, rejected_tokens: rejected.answer_tokens,
  }));
}
