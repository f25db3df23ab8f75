/**
 * Log-probabilities of target tokens straight from hidden rows: projects to the vocabulary in chunks of rows, never builds a one-hot matrix and keeps no
 * logits for the backward pass. The gradient of a row's log-probability by its hidden row is E[target] - P E, known in the forward pass up to the factor
 * dy; so that product is made while P is alive and only [N, D] is saved. Gradients by the head weight, when wanted, keep P per chunk.
 */

import { dims, shapeError } from '../dtype.ts';
import * as o from '../ops/index.ts';
import type { Value } from '../node.ts';

export interface RowScores {
  /** [N] log p(target). */
  logProbs: Value;
  /** [N] entropy of the prediction in nats; no gradient flows through it. */
  entropy: Value;
  /** [N] 1 where the target has the largest logit. */
  hits: Value;
  /** [N] mean logit over the vocabulary; no gradient. */
  meanLogit: Value;
  /** [N] log of the sum of squared probabilities; no gradient. */
  logCollision: Value;
}

export interface ScoreOptions {
  /** Rows at a time. */
  chunk?: number;
  /** Multiplies the logits (some families). */
  logitScale?: number;
  /** Logits become cap * tanh(logit / cap) after that (Gemma 2). */
  softcap?: number | null;
}

/** hidden [N, D] (only rows that carry a loss), headWeight [V, D], targets [N] ids. Outputs that are not used cost nothing. */
export function rowLogProbs(hidden: Value, headWeight: Value, targets: Value, { chunk = 256, logitScale = 1, softcap = null }: ScoreOptions = {}): RowScores {
  const [n, d] = hidden.shape as [number, number];
  if (hidden.shape.length !== 2 || headWeight.shape[1] !== d || targets.shape.length !== 1 || targets.shape[0] !== n) {
    throw shapeError(`rowLogProbs needs hidden [N, D], head [V, D] and targets [N], got ${dims(hidden.shape)}, ${dims(headWeight.shape)}, ${dims(targets.shape)}.`);
  }
  const head = o.asReal(headWeight);
  const parts: { logProb: Value; entropy: Value; hits: Value; meanLogit: Value; logCollision: Value }[] = [];
  let previous: Value[] = [];
  for (let start = 0; start < n; start += chunk) {
    const end = Math.min(n, start + chunk);
    const rows = o.slice(hidden, 0, start, end);
    const ids = o.slice(targets, 0, start, end);
    // The barrier makes a chunk wait for the one before it, so that only one chunk of probabilities is alive.
    const h = o.stopGradient(o.barrier(rows, previous));
    const t = softcap === null ? undefined : o.tanh(o.matmul(h, head, { transB: true, alpha: logitScale / softcap }));
    const logits = t === undefined ? o.matmul(h, head, { transB: true, alpha: logitScale }) : o.mul(t, softcap!);
    const p = o.softmax(logits);
    const top = o.reduceMax(logits, [-1]);
    const lse = o.sub(top, o.log(o.reduceMax(p, [-1])));
    const atTarget = (x: Value): Value => o.takeAlong(x, o.reshape(ids, [end - start, 1]));
    const own = o.reshape(atTarget(logits), [end - start]);
    // A cap's derivative, 1 - tanh^2, stands beside every logit.
    const bend = t && o.sub(1, o.mul(t, t));
    const [pBent, ownBend] = bend ? [o.mul(p, bend), atTarget(bend)] : [p, undefined];
    const target = o.gather(head, ids, 0);
    const slope = o.sub(ownBend ? o.mul(target, ownBend) : target, o.matmul(pBent, head));
    const logProb = o.customGrad([o.sub(own, lse)], [rows, head], ([dy], [needRows, needHead]) => {
      if (!dy) return [null, null];
      const column = o.reshape(dy, [end - start, 1]);
      const scaled = logitScale === 1 ? column : o.mul(column, logitScale);
      return [needRows ? o.mul(slope, scaled) : null, needHead ? headGradient({ rows, ids, p: pBent, ownBend }, scaled, head.shape[0] as number) : null];
    })[0] as Value;
    previous = [slope, logProb];
    // Without a cap sum(p * logits) = scale * h . (P E), and P E stands in `slope` already: no pass over the vocabulary.
    const expected = t ? o.reduceSum(o.mul(p, logits), [-1]) : o.sub(own, o.mul(o.reduceSum(o.mul(h, slope), [-1]), logitScale));
    parts.push({ logProb, entropy: o.stopGradient(o.sub(lse, expected)), hits: o.cast(o.greaterEqual(own, top), hidden.dtype), meanLogit: o.stopGradient(o.reduceMean(logits, [-1])), logCollision: o.stopGradient(o.log(o.reduceSum(o.mul(p, p), [-1]))) });
  }
  const joined = (key: keyof (typeof parts)[number]): Value => o.concat(parts.map(x => x[key]), 0);
  return { logProbs: joined('logProb'), entropy: joined('entropy'), hits: joined('hits'), meanLogit: joined('meanLogit'), logCollision: joined('logCollision') };
}

function headGradient({ rows, ids, p, ownBend }: { rows: Value; ids: Value; p: Value; ownBend?: Value }, column: Value, vocabulary: number): Value {
  const weighted = o.mul(rows, column);
  return o.sub(o.scatterAdd(vocabulary, ids, ownBend ? o.mul(weighted, ownBend) : weighted), o.matmul(p, weighted, { transA: true }));
}

/** Weighted cross entropy: loss = sum(weights * -log p(target)) as a scalar, with the row scores beside it. weights [N]. */
export function crossEntropyRows(hidden: Value, headWeight: Value, targets: Value, weights: Value, options: ScoreOptions = {}): RowScores & { loss: Value } {
  const scores = rowLogProbs(hidden, headWeight, targets, options);
  return { ...scores, loss: o.neg(o.reduceSum(o.mul(weights, scores.logProbs))) };
}
