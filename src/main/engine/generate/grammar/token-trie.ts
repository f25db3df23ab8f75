/** The vocabulary as a tree over the bytes of its tokens, laid out flat in depth-first order: a walk along an automaton skips a whole subtree as soon as its first byte is impossible. */

/** What a grammar must know of a tokenizer. */
export interface Vocabulary {
  readonly size: number;
  /** Bytes of a token as they come out in the text; null for special tokens and those without text. */
  bytesOf(id: number): Uint8Array | null;
  /** Ids that end a turn: possible only where the text is whole. */
  readonly stopIds: readonly number[];
  /** The decoder drops a space at the very start of the text (SentencePiece). */
  readonly dropsFirstSpace: boolean;
}

export interface TokenTrie {
  /** Byte, depth (from 1) and index after the subtree of each node. */
  readonly byte: Uint8Array;
  readonly depth: Int32Array;
  readonly skip: Int32Array;
  /** Tokens that end at node i: `tokens` from first[i] to first[i + 1]. */
  readonly first: Int32Array;
  readonly tokens: Int32Array;
  readonly maxDepth: number;
  /** spellable[b]: there is a token of this byte alone. */
  readonly spellable: Uint8Array;
}

export function tokenTrie(vocabulary: Vocabulary): TokenTrie {
  const entries: { key: string; id: number }[] = [];
  const spellable = new Uint8Array(256);
  const stops = new Set(vocabulary.stopIds);
  for (let id = 0; id < vocabulary.size; id++) {
    const bytes = stops.has(id) ? null : vocabulary.bytesOf(id);
    if (bytes === null || bytes.length === 0) continue;
    if (bytes.length === 1) spellable[bytes[0] as number] = 1;
    entries.push({ key: String.fromCharCode(...bytes), id });
  }
  entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id));
  const byte: number[] = [];
  const depth: number[] = [];
  const first: number[] = [];
  const path: number[] = [];
  const skip: number[] = [];
  const tokens = new Int32Array(entries.length);
  let last = '';
  entries.forEach(({ key, id }, i) => {
    let common = 0;
    while (common < last.length && common < key.length && last.charCodeAt(common) === key.charCodeAt(common)) common++;
    while (path.length > common) skip[path.pop() as number] = byte.length;
    for (let d = common; d < key.length; d++) { path.push(byte.length); byte.push(key.charCodeAt(d)); depth.push(d + 1); first.push(i); }
    tokens[i] = id;
    last = key;
  });
  while (path.length > 0) skip[path.pop() as number] = byte.length;
  first.push(entries.length);
  return {
    byte: Uint8Array.from(byte), depth: Int32Array.from(depth), skip: Int32Array.from(skip), first: Int32Array.from(first), tokens,
    maxDepth: depth.reduce((a, b) => Math.max(a, b), 0), spellable,
  };
}
