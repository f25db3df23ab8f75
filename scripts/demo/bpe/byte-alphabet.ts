// The printable stand-ins for the 256 bytes that byte-level BPE vocabularies use: printable Latin-1 stands for itself, the other bytes
// for the code points from 256 on, in order.

const printable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);

export const byteToChar: readonly string[] = (() => {
  const out: string[] = [];
  let extra = 0;
  for (let byte = 0; byte < 256; byte++) out.push(String.fromCodePoint(printable(byte) ? byte : 256 + extra++));
  return out;
})();

const encoder = new TextEncoder();

/** A text as one stand-in character a UTF-8 byte. */
export function toByteChars(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) out += byteToChar[byte] ?? '';
  return out;
}
