/**
 * SentencePiece's compiled character map: a double-array trie over UTF-8 bytes whose values are positions in a table of replacements.
 * Layout: size of the trie in bytes (32 bits, little-endian), the trie's units, then replacements, each ended by a zero byte. Source: SentencePiece's normalizer, Darts-clone's unit format.
 * As in Hugging Face tokenizers, a cluster of up to five bytes is looked up whole, then character by character, and the first match stands for all of it.
 */
import { AnnealError } from '../../../../shared/errors.ts';

const utf8 = new TextEncoder(), decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' });
const CLUSTER_BYTES = 6;

export function precompiled(base64: string): (text: string) => string {
  if (base64 === '') return (text) => text;
  const bytes = Buffer.from(base64, 'base64'), size = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (size === 0 || size % 4 !== 0 || size + 4 > bytes.length) throw new AnnealError('tokenizer-invalid', 'The character map (precompiled_charsmap) of tokenizer.json is damaged; copy the file again from the model.');
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i)), table = bytes.subarray(4 + size);
  const offset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
  /** Replacement of the shortest prefix in the trie, or null. */
  const find = (key: Uint8Array): string | null => {
    let at = offset(units[0] ?? 0);
    for (const byte of key) {
      if (byte === 0) return null;
      at ^= byte;
      const unit = units[at] ?? 0;
      if (((unit & 0x800000ff) >>> 0) !== byte) return null;
      at ^= offset(unit);
      if ((unit >>> 8) & 1) {
        const start = (units[at] ?? 0) & 0x7fffffff, end = table.indexOf(0, start);
        return decoder.decode(table.subarray(start, end < 0 ? table.length : end));
      }
    }
    return null;
  };
  const known = new Map<string, string | null>();
  const look = (part: string): string | null => {
    let found = known.get(part);
    if (found === undefined) { found = find(utf8.encode(part)); if (known.size < 20_000) known.set(part, found); }
    return found;
  };
  return (text) => {
    let out = '';
    for (const { segment } of clusters.segment(text)) {
      const whole = utf8.encode(segment).length < CLUSTER_BYTES ? look(segment) : null;
      if (whole !== null) { out += whole; continue; }
      for (const c of segment) out += look(c) ?? c;
    }
    return out;
  };
}
