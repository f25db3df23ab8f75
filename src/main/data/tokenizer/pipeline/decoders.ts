/** Decoders of tokenizer.json: from tokens to text. Rules as in Hugging Face tokenizers, odd ones included (a broken run of byte tokens is one U+FFFD for each byte). */
import { alphabetToBytes } from '../byte-alphabet.ts';
import { type Component, compilePattern, partsOf, textOf, typeOf, unsupported } from './component.ts';

export type Decoder = (tokens: string[]) => string[];

const utf8 = new TextEncoder();
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { out.set(p, at); at += p.length; }
  return out;
}

function byteFallback(tokens: string[]): string[] {
  const out: string[] = [];
  let run: number[] = [];
  const flush = (): void => {
    if (run.length === 0) return;
    try { out.push(strict.decode(Uint8Array.from(run))); } catch { for (const _ of run) out.push('\ufffd'); }
    run = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) run.push(Number.parseInt(byte, 16));
    else { flush(); out.push(token); }
  }
  flush();
  return out;
}

function strip(token: string, content: string, start: number, stop: number): string {
  const chars = Array.from(token);
  let from = 0, to = chars.length;
  while (from < start && chars[from] === content) from++;
  while (chars.length - to < stop && to > 0 && chars[to - 1] === content) to--;
  return chars.slice(from, Math.max(from, to)).join('');
}

/** transformers' clean_up_tokenization. */
export const cleanUp = (text: string): string => text.replaceAll(' .', '.').replaceAll(' ?', '?').replaceAll(' !', '!').replaceAll(' ,', ',').replaceAll(" ' ", "'").replaceAll(" n't", "n't").replaceAll(" 'm", "'m").replaceAll(" 's", "'s").replaceAll(" 've", "'ve").replaceAll(" 're", "'re");
const cleanUpPiece = (text: string): string => text.replaceAll(' .', '.').replaceAll(' ?', '?').replaceAll(' !', '!').replaceAll(' ,', ',').replaceAll(" ' ", "'").replaceAll(" n't", "n't").replaceAll(" 'm", "'m").replaceAll(' do not', " don't").replaceAll(" 's", "'s").replaceAll(" 've", "'ve").replaceAll(" 're", "'re");

const count = (c: Component, key: string): number => (typeof c[key] === 'number' ? c[key] : 0);

/** A decoder, or null for none. Throws `tokenizer-invalid` for a kind that is not known. */
export function decoderOf(c: Component | null): Decoder | null {
  if (c === null) return null;
  switch (typeOf(c)) {
    case 'Sequence': { const steps = partsOf(c, 'decoders').map(decoderOf).filter((s) => s !== null); return (tokens) => steps.reduce((t, step) => step(t), tokens); }
    case 'ByteLevel': return (tokens) => [lossy.decode(concat(tokens.map((t) => alphabetToBytes(t) ?? utf8.encode(t))))];
    case 'ByteFallback': return byteFallback;
    case 'Fuse': return (tokens) => [tokens.join('')];
    case 'Strip': { const content = textOf(c, 'content', ' '), start = count(c, 'start'), stop = count(c, 'stop'); return (tokens) => tokens.map((t) => strip(t, content, start, stop)); }
    case 'Replace': { const pattern = compilePattern(c['pattern']), content = textOf(c, 'content', ''); return (tokens) => tokens.map((t) => t.replace(pattern, () => content)); }
    case 'Metaspace': {
      const mark = textOf(c, 'replacement', '▁'), scheme = textOf(c, 'prepend_scheme', c['add_prefix_space'] === false ? 'never' : 'always');
      return (tokens) => tokens.map((t, i) => t.replaceAll(mark, i === 0 && scheme !== 'never' ? '' : ' '));
    }
    case 'WordPiece': {
      const prefix = textOf(c, 'prefix', '##'), clean = c['cleanup'] !== false;
      return (tokens) => tokens.map((t, i) => { const joined = i === 0 ? t : t.startsWith(prefix) ? t.slice(prefix.length) : ` ${t}`; return clean ? cleanUpPiece(joined) : joined; });
    }
    case 'BPEDecoder': { const suffix = textOf(c, 'suffix', '</w>'); return (tokens) => tokens.map((t, i) => t.replaceAll(suffix, i === tokens.length - 1 ? '' : ' ')); }
    default: throw unsupported('decoder', c);
  }
}
