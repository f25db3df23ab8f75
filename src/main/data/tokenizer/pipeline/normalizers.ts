/** Normalisers of tokenizer.json as functions of text. Character classes are Unicode's, as in Hugging Face tokenizers; JavaScript's own `\s`, `\d` and lower case differ in places. */
import { bytesToAlphabet } from '../byte-alphabet.ts';
import { type Component, compilePattern, lowerCase, partsOf, textOf, typeOf, unsupported } from './component.ts';
import { precompiled } from './precompiled.ts';

export type Normaliser = (text: string) => string;

const WHITE = /\p{White_Space}/gu;
/** "Other" without the unassigned characters and tab, line feed and carriage return. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;
const CJK: readonly (readonly [number, number])[] = [[0x4e00, 0x9fff], [0x3400, 0x4dbf], [0x20000, 0x2a6df], [0x2a700, 0x2b73f], [0x2b740, 0x2b81f], [0x2b920, 0x2ceaf], [0xf900, 0xfaff], [0x2f800, 0x2fa1f]];
const isCjk = (c: number): boolean => c >= 0x3400 && CJK.some(([from, to]) => c >= from && c <= to);

function cleanText(text: string): string {
  let out = '';
  for (const c of text) {
    if (c === '\t' || c === '\n' || c === '\r') { out += ' '; continue; }
    if (c === '\0' || c === '\ufffd' || CONTROL.test(c)) continue;
    out += c;
  }
  return out.replace(WHITE, ' ');
}

function bert(c: Component): Normaliser {
  const lower = c['lowercase'] !== false, accents = typeof c['strip_accents'] === 'boolean' ? c['strip_accents'] : lower;
  return (text) => {
    let t = text;
    if (c['clean_text'] !== false) t = cleanText(t);
    if (c['handle_chinese_chars'] !== false) { let out = ''; for (const s of t) out += isCjk(s.codePointAt(0) ?? 0) ? ` ${s} ` : s; t = out; }
    if (accents) t = t.normalize('NFD').replace(/\p{Mn}/gu, '');
    return lower ? lowerCase(t) : t;
  };
}

const NMT_DROP = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g; // oxlint-disable-line no-control-regex -- control characters are what it is about
const NMT_SPACE = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;
const utf8 = new TextEncoder();

/** A normaliser, or null for none. Throws `tokenizer-invalid` for a kind that is not known. */
export function normaliserOf(c: Component | null): Normaliser | null {
  if (c === null) return null;
  switch (typeOf(c)) {
    case 'Sequence': {
      const steps = partsOf(c, 'normalizers').map(normaliserOf).filter((s) => s !== null);
      return steps.length === 0 ? null : (text) => steps.reduce((t, step) => step(t), text);
    }
    case 'NFC': case 'NFD': case 'NFKC': case 'NFKD': { const form = typeOf(c); return (text) => text.normalize(form); }
    case 'Lowercase': return lowerCase;
    case 'StripAccents': return (text) => text.replace(/\p{M}/gu, '');
    case 'Strip': {
      const left = c['strip_left'] !== false, right = c['strip_right'] !== false;
      return (text) => { const t = left ? text.replace(/^\p{White_Space}+/u, '') : text; return right ? t.replace(/\p{White_Space}+$/u, '') : t; };
    }
    case 'Prepend': { const before = textOf(c, 'prepend', ''); return (text) => (text === '' ? '' : before + text); }
    case 'Replace': { const pattern = compilePattern(c['pattern']), content = textOf(c, 'content', ''); return (text) => text.replace(pattern, () => content); }
    case 'Nmt': return (text) => text.replace(NMT_DROP, '').replace(NMT_SPACE, ' ');
    case 'ByteLevel': return (text) => bytesToAlphabet(utf8.encode(text));
    case 'BertNormalizer': return bert(c);
    case 'Precompiled': return precompiled(textOf(c, 'precompiled_charsmap', ''));
    default: throw unsupported('normaliser', c);
  }
}
