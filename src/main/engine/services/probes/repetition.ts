/** Repetition in an answer's tokens. The share of repeated 4-grams is seq-rep-4 of Welleck et al., 2020 (Neural Text Generation with Unlikelihood Training); the loop is our definition of what is called a doom loop. */

/** 1 - different n-grams / n-grams; 0 below n tokens. */
export function repeatedShare(tokens: readonly number[], n = 4): number {
  const all = tokens.length - n + 1;
  if (all <= 0) return 0;
  const seen = new Set<string>();
  for (let i = 0; i < all; i++) seen.add(tokens.slice(i, i + n).join(' '));
  return 1 - seen.size / all;
}

/** Ends the answer in one piece of at most `longest` tokens, said at least `times` times in a row over at least `least` tokens? */
export function endsInLoop(tokens: readonly number[], { longest = 32, times = 3, least = 12 }: { longest?: number; times?: number; least?: number } = {}): boolean {
  for (let period = 1; period <= longest; period++) {
    const span = Math.max(period * times, least);
    if (span > tokens.length) continue;
    let same = true;
    for (let i = tokens.length - span + period; same && i < tokens.length; i++) same = tokens[i] === tokens[i - period];
    if (same) return true;
  }
  return false;
}
