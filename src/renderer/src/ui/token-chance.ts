/** How sure the model was of a token, as one of five shades. Log-probabilities in nats. */

/** 0: at least 90 %, 4: below 5 %. */
export function shadeOf(logprob: number): 0 | 1 | 2 | 3 | 4 {
  const p = Math.exp(logprob);
  return p >= 0.9 ? 0 : p >= 0.5 ? 1 : p >= 0.2 ? 2 : p >= 0.05 ? 3 : 4;
}
export const SHADES = [0, 1, 2, 3, 4] as const;
