/** Ends a sequence at a text: a stop string may span tokens, so text that could be its beginning is held back until more is known. */

/** Returns a test for `stopWhen`; `decode` turns token ids into text. */
export function stopAtStrings(strings: readonly string[], decode: (ids: number[]) => string): (sequence: number, tokens: readonly number[]) => boolean {
  const longest = Math.max(0, ...strings.map(s => s.length));
  // A token gives at least one UTF-8 byte, a character has at most four.
  return (_, tokens) => longest > 0 && strings.some(s => decode(tokens.slice(-longest * 4 - 8)).includes(s));
}

/** The text before the first stop string. */
export function cutAtStrings(text: string, strings: readonly string[]): string {
  const ends = strings.map(s => text.indexOf(s)).filter(i => i >= 0);
  return ends.length ? text.slice(0, Math.min(...ends)) : text;
}

/** Lets text through up to the first stop string. Never gives out a part of one; `stopped` names it once it came. */
export class StopFilter {
  readonly #strings: readonly string[];
  #held = '';
  #stopped: string | null = null;

  constructor(strings: readonly string[]) { this.#strings = strings; }

  get stopped(): string | null { return this.#stopped; }

  /** What can be given out now. Nothing more comes after the stop. */
  push(text: string): string {
    if (this.#stopped !== null) return '';
    this.#held += text;
    let end = -1;
    for (const s of this.#strings) {
      const at = this.#held.indexOf(s);
      // Of two that begin at one place the shorter one ended first.
      if (at >= 0 && (end < 0 || at < end || (at === end && s.length < (this.#stopped ?? '').length))) { end = at; this.#stopped = s; }
    }
    if (end >= 0) { const out = this.#held.slice(0, end); this.#held = ''; return out; }
    const keep = Math.max(0, ...this.#strings.map(s => tailLength(this.#held, s)));
    const out = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(out.length);
    return out;
  }

  /** At the end of the answer: what was held back is ordinary text. */
  flush(): string { const out = this.#held; this.#held = ''; return out; }
}

/** Length of the longest end of `text` that begins `stop`. */
function tailLength(text: string, stop: string): number {
  for (let n = Math.min(text.length, stop.length - 1); n > 0; n--) if (text.endsWith(stop.slice(0, n))) return n;
  return 0;
}
