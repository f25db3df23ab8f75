/** How far exported files are from the checkpoint: logits position by position, greedy text token by token. Pure. */
import type { ExportProof } from '../../../../shared/schema/export.ts';

export type Distance = Pick<ExportProof, 'positions' | 'max_abs_diff' | 'mean_abs_diff' | 'max_abs_logit' | 'mean_kl' | 'same_top'>;

/** Rows of logits of both sides, in the same order. A value that is not finite on one side only counts as an infinite difference. */
export function compareLogits(app: readonly Float32Array[], exported: readonly Float32Array[]): Distance {
  let most = 0, sum = 0, count = 0, largest = 0, kl = 0, same = 0;
  app.forEach((p, row) => {
    const q = exported[row] as Float32Array;
    for (let i = 0; i < p.length; i++) {
      const a = p[i] as number, b = q[i] ?? Number.NaN, d = Object.is(a, b) ? 0 : Math.abs(a - b);
      const difference = Number.isNaN(d) ? Infinity : d;
      if (difference > most) most = difference;
      sum += difference;
      if (Math.abs(a) > largest) largest = Math.abs(a);
    }
    count += p.length;
    kl += divergence(p, q);
    if (argmax(p) === argmax(q)) same++;
  });
  const n = Math.max(1, app.length);
  return { positions: app.length, max_abs_diff: most, mean_abs_diff: sum / Math.max(1, count), max_abs_logit: largest, mean_kl: kl / n, same_top: same / n };
}

/** KL(p || q) of the distributions of two rows of logits, in nats. */
export function divergence(p: Float32Array, q: Float32Array): number {
  const a = logSumExp(p), b = logSumExp(q);
  let sum = 0;
  for (let i = 0; i < p.length; i++) { const logp = (p[i] as number) - a; sum += Math.exp(logp) * (logp - ((q[i] ?? -Infinity) - b)); }
  return Math.max(0, sum);
}
function logSumExp(row: Float32Array): number {
  const max = row[argmax(row)] as number;
  let sum = 0;
  for (const x of row) sum += Math.exp(x - max);
  return max + Math.log(sum);
}
function argmax(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}

/** `same_tokens`: of all tokens the app wrote, the share before each text's first difference. `first`: index of the first text that differs, or null. */
export function compareTexts(app: readonly (readonly number[])[], exported: readonly (readonly number[])[]): Pick<ExportProof, 'same_text' | 'same_tokens' | 'tokens'> & { first: number | null } {
  let equal = 0, agree = 0, tokens = 0, first: number | null = null;
  app.forEach((a, i) => {
    const b = exported[i] ?? [];
    let k = 0;
    while (k < a.length && a[k] === b[k]) k++;
    tokens += a.length;
    agree += k;
    if (k === a.length && b.length === a.length) equal++;
    else first ??= i;
  });
  return { same_text: equal / Math.max(1, app.length), same_tokens: tokens === 0 ? 1 : agree / tokens, tokens, first };
}
