/** Ends a sequence at a text: a stop string may span tokens, so the decoded end of the output is searched after every token. */

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
