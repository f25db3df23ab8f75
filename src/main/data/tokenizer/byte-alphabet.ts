/** The printable alphabet in which byte-level BPE writes bytes: printable Latin-1 stands for itself, the other 68 bytes are the characters from U+0100 on. Source: GPT-2's vocabulary. */

const isPrintable = (b: number): boolean => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);

/** Character for each byte. */
export const BYTE_TO_CHAR: readonly string[] = (() => {
  const chars: string[] = [];
  let next = 0x100;
  for (let b = 0; b < 256; b++) chars.push(String.fromCharCode(isPrintable(b) ? b : next++));
  return chars;
})();

const charToByte = new Map(BYTE_TO_CHAR.map((c, b) => [c, b]));

/** Bytes that a vocabulary entry of a byte-level BPE stands for, or null where a character is outside of the alphabet. */
export function alphabetToBytes(piece: string): Uint8Array | null {
  const bytes = new Uint8Array(piece.length);
  for (let i = 0; i < piece.length; i++) {
    const b = charToByte.get(piece.charAt(i));
    if (b === undefined) return null;
    bytes[i] = b;
  }
  return bytes;
}

export function bytesToAlphabet(bytes: Uint8Array): string {
  let s = '';
  for (const b of bytes) s += BYTE_TO_CHAR[b] ?? '';
  return s;
}
