/** Characters that hide or reorder text, made visible by their names. Pure. */
const NAMES: Record<number, string> = {
  0x00: 'NUL', 0x07: 'BEL', 0x08: 'BS', 0x0b: 'VT', 0x0c: 'FF', 0x0d: 'CR', 0x1b: 'ESC', 0x7f: 'DEL', 0xa0: 'NBSP', 0xad: 'SHY', 0x61c: 'ALM', 0x200b: 'ZWSP', 0x200c: 'ZWNJ', 0x200d: 'ZWJ', 0x200e: 'LRM', 0x200f: 'RLM', 0x2028: 'LS', 0x2029: 'PS',
  0x202a: 'LRE', 0x202b: 'RLE', 0x202c: 'PDF', 0x202d: 'LRO', 0x202e: 'RLO', 0x2060: 'WJ', 0x2066: 'LRI', 0x2067: 'RLI', 0x2068: 'FSI', 0x2069: 'PDI', 0xfeff: 'BOM', 0xfffd: 'U+FFFD',
};
// Line feeds and tabs are ordinary; a joiner between pictographs is part of an emoji.
// eslint-disable-next-line no-control-regex -- finding control characters is the point
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PICTOGRAPH = /\p{Extended_Pictographic}\ufe0f?$/u;

export interface TextPart { text: string; hidden: boolean }
/** Splits text at characters that can't be seen; the name stands for each. Pure. */
export function visibleParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    const code = match[0].charCodeAt(0);
    if (code === 0x200d && PICTOGRAPH.test(text.slice(Math.max(0, match.index - 4), match.index))) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index), hidden: false });
    parts.push({ text: NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, hidden: true });
    from = match.index + 1;
  }
  if (from < text.length) parts.push({ text: text.slice(from), hidden: false });
  return parts;
}
