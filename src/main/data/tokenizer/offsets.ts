/**
 * Character spans of tokens. The tokenizer package gives none, so the tokens' bytes are walked along the text's UTF-8 bytes; the walk either explains the whole text or is refused (null), it never guesses.
 * A token that holds a part of a character spans that whole character, as in Hugging Face's fast tokenizers.
 */

/** `start[i]`, `end[i]`: UTF-16 positions in the text, end exclusive. Tokens that stand for no text (an added BOS) have start = end. */
export interface Offsets { start: Int32Array; end: Int32Array }

const encoder = new TextEncoder();
const isSpace = (b: number | undefined): boolean => b === 0x20 || (b !== undefined && b >= 0x09 && b <= 0x0d);

function matches(text: Uint8Array, at: number, piece: Uint8Array, from: number): boolean {
  if (at + piece.length - from > text.length) return false;
  for (let i = from; i < piece.length; i++) if (text[at + i - from] !== piece[i]) return false;
  return true;
}

/** Position in UTF-16 units of every byte of the text (the start of the character that it belongs to), and one entry more for the end. */
function characterOfByte(text: string, bytes: Uint8Array): Int32Array {
  const at = new Int32Array(bytes.length + 1);
  let unit = 0;
  for (let b = 0; b < bytes.length;) {
    const lead = bytes[b] ?? 0;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    for (let k = 0; k < size; k++) at[b + k] = unit;
    b += size;
    unit += size === 4 ? 2 : 1; // a lone surrogate is encoded as U+FFFD: three bytes, one unit
  }
  at[bytes.length] = text.length;
  return at;
}

/**
 * Walks `pieces` (the bytes of each token) along `text`. Allowed besides exact matches: a leading space that the tokenizer added, white space that a special token swallowed, special tokens that stand for no text.
 * Returns null when the tokens do not explain the text (an unknown token, a normalisation that changes characters).
 */
export function walkOffsets(text: string, pieces: readonly Uint8Array[], special: readonly boolean[]): Offsets | null {
  const bytes = encoder.encode(text);
  const char = characterOfByte(text, bytes);
  const start = new Int32Array(pieces.length);
  const end = new Int32Array(pieces.length);
  const ceil = (b: number): number => { // end of the character that byte b-1 belongs to
    let e = b;
    while (e < bytes.length && ((bytes[e] ?? 0) & 0xc0) === 0x80) e++;
    return char[e] ?? text.length;
  };
  let p = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i];
    if (piece === undefined) return null;
    let from = p;
    let skip = 0;
    if (!matches(bytes, from, piece, 0)) {
      if (!special[i] && piece[0] === 0x20 && matches(bytes, from, piece, 1)) skip = 1;
      else {
        while (isSpace(bytes[from])) from++;
        if (from === p || !matches(bytes, from, piece, 0)) {
          if (!special[i]) return null;
          start[i] = end[i] = char[p] ?? text.length;
          continue;
        }
      }
    }
    const to = from + piece.length - skip;
    start[i] = char[from] ?? text.length;
    end[i] = to === from ? (char[from] ?? text.length) : ceil(to);
    p = to;
  }
  while (isSpace(bytes[p])) p++;
  return p === bytes.length ? { start, end } : null;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Spans in a normalised text carried back to the original: the text is normalised cluster by cluster, and refused (null) when that differs from normalising it whole. */
export function offsetsThroughNormaliser(text: string, normalise: (s: string) => string, walk: (normalised: string) => Offsets | null): Offsets | null {
  const whole = normalise(text);
  const from: number[] = []; // original start of the cluster of each unit of the normalised text
  const to: number[] = [];
  let joined = '';
  for (const { segment, index } of segmenter.segment(text)) {
    const piece = normalise(segment);
    joined += piece;
    for (let k = 0; k < piece.length; k++) { from.push(index); to.push(index + segment.length); }
  }
  if (joined !== whole) return null;
  const inner = walk(whole);
  if (!inner) return null;
  const start = inner.start.map((s) => from[s] ?? text.length);
  const end = inner.end.map((e, i) => (e === inner.start[i] ? (start[i] ?? text.length) : (to[e - 1] ?? text.length)));
  return { start, end };
}
