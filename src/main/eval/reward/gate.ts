/**
 * May a policy be trained against this reward model? Refused when it does not beat chance on held-out pairs, or is mostly length: right about answers of equal length no better than chance although length varies,
 * or its scores follow length more closely than the limit. A refusal can be overridden by an explicit flag, which is recorded with the run.
 */
import type { GateReason, GateVerdict, RewardReport } from '../../../shared/schema/reward.ts';

/** Fewer pairs than this cannot tell 0.6 from chance: the interval of 24 of 40 still includes 0.5. */
export const GATE_MIN_PAIRS = 50;
/** Largest |Spearman| of score with length, and of margin with difference of lengths: half of the rank variance is length from 0.707 on. */
export const GATE_LENGTH_LIMIT = 0.7;
/** Matched pairs that are needed before their accuracy is judged. */
export const GATE_MIN_MATCHED = 30;
const CHANCE = 0.5;

export function rewardGate(report: Pick<RewardReport, 'accuracy' | 'length' | 'pairs'>): GateVerdict {
  const { accuracy, length, pairs } = report, reasons: GateReason[] = [];
  const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;
  const say = (reason: GateReason['reason'], values: Record<string, number>, text: string): void => { reasons.push({ reason, values, text }); };
  if (pairs < GATE_MIN_PAIRS) say('too-few-pairs', { pairs, least: GATE_MIN_PAIRS }, `Only ${pairs} held-out pairs were scored; at least ${GATE_MIN_PAIRS} are needed to judge a reward model.`);
  if (accuracy.low <= CHANCE) say('not-above-chance', { accuracy: accuracy.value, low: accuracy.low, high: accuracy.high }, `It does not beat chance: ${percent(accuracy.value)} of the held-out pairs are right, and the interval (${percent(accuracy.low)} to ${percent(accuracy.high)}) includes 50 %.`);
  const { matched } = length;
  if (accuracy.low > CHANCE && matched !== null && matched.n >= GATE_MIN_MATCHED && matched.low <= CHANCE) say('length-matched-chance', { accuracy: matched.value, low: matched.low, high: matched.high, n: matched.n }, `Among ${matched.n} pairs of about equal length it is right in ${percent(matched.value)}, which chance explains: what it knows is mostly length.`);
  const far = (r: number | null): r is number => r !== null && Math.abs(r) > GATE_LENGTH_LIMIT;
  if (far(length.score_spearman)) say('length-score', { r: length.score_spearman, limit: GATE_LENGTH_LIMIT }, `Its scores follow the length of an answer (rank correlation ${length.score_spearman.toFixed(2)}, limit ${GATE_LENGTH_LIMIT}).`);
  if (far(length.margin_spearman)) say('length-margin', { r: length.margin_spearman, limit: GATE_LENGTH_LIMIT }, `Its margins follow the difference of lengths (rank correlation ${length.margin_spearman.toFixed(2)}, limit ${GATE_LENGTH_LIMIT}).`);
  return { verdict: reasons.length === 0 ? 'pass' : 'refuse', reasons };
}
