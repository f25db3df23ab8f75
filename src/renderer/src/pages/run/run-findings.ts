/** What a run's own numbers say, as facts to be put into words by the page. Nothing here is guessed: each finding names the numbers and steps that it rests on, and there is none where the data are too few. */
import type { Series } from '../../../../shared/contract.ts';

export type Judgement = 'good' | 'warn' | 'bad' | 'neutral';
export type Finding =
  | { kind: 'held-out-falls'; judgement: 'good'; from: number; to: number; step: number }
  | { kind: 'held-out-rises'; judgement: 'warn'; best: number; bestStep: number; last: number; step: number }
  | { kind: 'held-out-flat'; judgement: 'neutral'; value: number; step: number }
  | { kind: 'held-out-once'; judgement: 'neutral'; value: number; step: number }
  | { kind: 'train-falls'; judgement: 'good'; from: number; to: number; step: number }
  | { kind: 'train-rises'; judgement: 'warn'; from: number; to: number; step: number }
  | { kind: 'train-flat'; judgement: 'neutral'; value: number; step: number }
  | { kind: 'gap'; judgement: 'good' | 'warn'; train: number; heldOut: number; step: number }
  | { kind: 'clipped'; judgement: 'good' | 'warn'; share: number; limit: number; points: number }
  | { kind: 'preferred'; judgement: 'neutral'; value: number; first: number | null; margin: number | null; step: number }
  | { kind: 'accuracy'; judgement: 'neutral'; value: number; first: number | null; step: number };

/** Relative change below which a loss is called flat. */
const FLAT = 0.01;
/** Held-out loss above training loss by more than this share is pointed out. */
const WIDE_GAP = 0.5;

export interface RunNumbers { loss?: Series; eval_loss?: Series; grad_norm?: Series; eval_mean_token_accuracy?: Series; 'eval_rewards/accuracies'?: Series; 'eval_rewards/margins'?: Series; eval_accuracy?: Series; eval_margin?: Series }

/** The one that answers "is it working?": from held-out loss when there is one, else from training loss. Null before there is anything to say. */
export function mainFinding(n: RunNumbers): Finding | null {
  const held = finite(n.eval_loss);
  const first = held[0], last = held.at(-1);
  if (first && last) {
    if (held.length === 1) return { kind: 'held-out-once', judgement: 'neutral', value: last.value, step: last.step };
    const best = held.reduce((a, b) => (b.value < a.value ? b : a));
    if (last.value > best.value + FLAT * Math.abs(best.value)) return { kind: 'held-out-rises', judgement: 'warn', best: best.value, bestStep: best.step, last: last.value, step: last.step };
    if (best.value < first.value - FLAT * Math.abs(first.value)) return { kind: 'held-out-falls', judgement: 'good', from: first.value, to: best.value, step: best.step };
    return { kind: 'held-out-flat', judgement: 'neutral', value: last.value, step: last.step };
  }
  return trainFinding(n.loss);
}

function trainFinding(loss: Series | undefined): Finding | null {
  const points = finite(loss);
  if (points.length < 8) return null;
  const share = Math.max(3, Math.floor(points.length / 10));
  const from = meanOf(points.slice(0, share)), to = meanOf(points.slice(-share)), step = points.at(-1)?.step ?? 0;
  if (to < from - FLAT * Math.abs(from)) return { kind: 'train-falls', judgement: 'good', from, to, step };
  if (to > from + FLAT * Math.abs(from)) return { kind: 'train-rises', judgement: 'warn', from, to, step };
  return { kind: 'train-flat', judgement: 'neutral', value: to, step };
}

/** Everything else worth a line. `limit` is the recipe's max_grad_norm. */
export function sideFindings(n: RunNumbers, limit: number): Finding[] {
  const out: Finding[] = [];
  const held = finite(n.eval_loss).at(-1);
  const loss = finite(n.loss);
  if (held && loss.length >= 8) {
    const near = loss.filter((p) => p.step <= held.step).slice(-Math.max(3, Math.floor(loss.length / 20)));
    if (near.length >= 3) {
      const train = meanOf(near);
      out.push({ kind: 'gap', judgement: train > 0 && held.value > train * (1 + WIDE_GAP) ? 'warn' : 'good', train, heldOut: held.value, step: held.step });
    }
  }
  const preferred = finite(n['eval_rewards/accuracies'] ?? n.eval_accuracy), lastPreferred = preferred.at(-1), margin = finite(n['eval_rewards/margins'] ?? n.eval_margin).at(-1)?.value ?? null;
  if (lastPreferred) out.push({ kind: 'preferred', judgement: 'neutral', value: lastPreferred.value, first: preferred.length > 1 ? preferred[0]?.value ?? null : null, margin, step: lastPreferred.step });
  // Where answers are compared, the share of right tokens says nothing about the comparison.
  const accuracy = lastPreferred ? [] : finite(n.eval_mean_token_accuracy), lastAccuracy = accuracy.at(-1);
  if (lastAccuracy) out.push({ kind: 'accuracy', judgement: 'neutral', value: lastAccuracy.value, first: accuracy.length > 1 ? accuracy[0]?.value ?? null : null, step: lastAccuracy.step });
  const norms = finite(n.grad_norm).slice(-100);
  if (limit > 0 && norms.length >= 10) {
    const share = norms.filter((p) => p.value > limit).length / norms.length;
    out.push({ kind: 'clipped', judgement: share > 0.5 ? 'warn' : 'good', share, limit, points: norms.length });
  }
  return out;
}

interface Point { step: number; value: number }
function finite(s: Series | undefined): Point[] {
  return s === undefined ? [] : s.mean.flatMap((value, i) => (Number.isFinite(value) ? [{ step: s.steps[i] ?? 0, value }] : []));
}
const meanOf = (points: readonly Point[]): number => points.reduce((a, p) => a + p.value, 0) / points.length;
