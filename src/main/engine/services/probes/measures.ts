/** The numbers of one round of probe answers, under the names of shared/metrics.ts. Each is a mean over answers, except KL and entropy: means over all tokens of the answers. */
import { endsInLoop, repeatedShare } from './repetition.ts';
import { isRefusal } from './refusal.ts';

export interface ProbeAnswer {
  text: string;
  /** Without the token that ended it. */
  tokens: readonly number[];
  /** It did not end by itself. */
  cut: boolean;
  /** Per token, the end token included where there is one; in nats. */
  kl: ArrayLike<number>;
  entropy: ArrayLike<number>;
}

export function probeMeasures(answers: readonly ProbeAnswer[]): Record<string, number> {
  if (answers.length === 0) return {};
  const share = (of: (a: ProbeAnswer) => number): number => answers.reduce((n, a) => n + of(a), 0) / answers.length;
  const perToken = (of: (a: ProbeAnswer) => ArrayLike<number>): number => {
    let sum = 0, count = 0;
    for (const a of answers) { const x = of(a); for (let i = 0; i < x.length; i++) sum += x[i]!; count += x.length; }
    return sum / count;
  };
  return {
    // Rounding may leave -1e-9 where both are the same.
    'probe/kl': Math.max(0, perToken((a) => a.kl)), 'probe/entropy': perToken((a) => a.entropy), 'probe/length': share((a) => a.tokens.length), 'probe/cut': share((a) => (a.cut ? 1 : 0)),
    'probe/repetition': share((a) => repeatedShare(a.tokens)), 'probe/loops': share((a) => (endsInLoop(a.tokens) ? 1 : 0)), 'probe/refusals': share((a) => (isRefusal(a.text) ? 1 : 0)),
  };
}
