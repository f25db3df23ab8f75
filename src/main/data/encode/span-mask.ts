/** From character spans to token masks, and where a trained run ends. A token that only partly lies in a span counts as inside, as transformers' assistant masks do. */
import type { Span } from '../templates/chat-template.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** Marks the tokens of `text` that lie in `spans`. `merged`: a token holds the end of what stands before a span and its beginning, so generation, which starts at the span, would see other tokens. `exact` is false where the tokenizer gives no offsets and a token stands across a span's edge. */
export function maskOfSpans(tokenizer: Tokenizer, text: string, ids: readonly number[], spans: readonly Span[]): { mask: Uint8Array; exact: boolean; merged: boolean } {
  const mask = new Uint8Array(ids.length);
  const offsets = tokenizer.offsets(text, ids);
  if (offsets) {
    let merged = false;
    let s = 0;
    for (let i = 0; i < ids.length; i++) {
      const from = offsets.start[i] ?? 0;
      const to = offsets.end[i] ?? 0;
      while (s < spans.length && (spans[s]?.[1] ?? 0) <= from) s++;
      const span = spans[s];
      if (!span || from >= to || from >= span[1] || to <= span[0]) continue;
      mask[i] = 1;
      if (from < span[0]) merged = true;
    }
    return { mask, exact: true, merged };
  }
  let exact = true;
  const tokensBefore = (at: number): number => {
    const part = tokenizer.encode(text.slice(0, at), { addSpecial: false });
    if (!part.every((id, i) => id === ids[i])) exact = false;
    return Math.min(part.length, ids.length);
  };
  for (const [from, to] of spans) mask.fill(1, tokensBefore(from), tokensBefore(to));
  return { mask, exact, merged: false };
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((b) => b === 0x20 || (b >= 0x09 && b <= 0x0d));

/** Runs of trained tokens: [start, end). */
export function runs(mask: Uint8Array): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    const start = i;
    while (i < mask.length && mask[i]) i++;
    found.push([start, i]);
  }
  return found;
}

/** Index of the stop token that ends the run, or -1: the last stop token with nothing but white space after it. */
export function stopOfRun(tokenizer: Tokenizer, ids: readonly number[], [start, end]: readonly [number, number], stops: ReadonlySet<number>): number {
  for (let i = end - 1; i >= start; i--) {
    const id = ids[i] ?? -1;
    if (stops.has(id)) return i;
    if (!isBlank(tokenizer.bytesOf(id))) return -1;
  }
  return -1;
}
