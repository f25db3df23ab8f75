/** Pre-tokenizers of tokenizer.json: they cut a section into pieces, which the model never merges across. Cutting rules (`behavior`, `invert`) as in Hugging Face tokenizers. */
import { bytesToAlphabet } from '../byte-alphabet.ts';
import { type Component, compilePattern, partsOf, textOf, typeOf, unsupported } from './component.ts';

export interface Piece { text: string; /** At the very beginning of the input. */ atStart: boolean }
export type PreTokenizer = (pieces: Piece[]) => Piece[];
type Behavior = 'removed' | 'isolated' | 'contiguous' | 'mergedwithprevious' | 'mergedwithnext';
interface Run { from: number; to: number; match: boolean }

const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/gu;
const NUMERIC = /\p{N}/gu;
const WHITE = /\p{White_Space}/gu;
/** GPT-2's pattern, with Unicode's white space. */
const GPT2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const WORDS = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;
const utf8 = new TextEncoder();

function runs(text: string, pattern: RegExp, invert: boolean): Run[] {
  const out: Run[] = [];
  let at = 0;
  for (const m of text.matchAll(pattern)) {
    if (at < m.index) out.push({ from: at, to: m.index, match: invert });
    at = m.index + m[0].length;
    out.push({ from: m.index, to: at, match: !invert });
  }
  if (at < text.length) out.push({ from: at, to: text.length, match: invert });
  return out;
}

function join(list: Run[], behavior: Behavior): Run[] {
  if (behavior === 'isolated') return list;
  if (behavior === 'removed') return list.filter((r) => !r.match);
  const out: Run[] = [];
  let before = false;
  for (const run of behavior === 'mergedwithnext' ? list.toReversed() : list) {
    const last = out.at(-1);
    const merge = last !== undefined && (behavior === 'contiguous' ? run.match === before : run.match && !before);
    if (merge) { if (behavior === 'mergedwithnext') last.from = run.from; else last.to = run.to; } else out.push({ ...run });
    before = run.match;
  }
  return behavior === 'mergedwithnext' ? out.toReversed() : out;
}

const BEHAVIORS = new Set<string>(['removed', 'isolated', 'contiguous', 'mergedwithprevious', 'mergedwithnext'] satisfies Behavior[]);
function behaviorOf(c: Component): Behavior {
  const name = textOf(c, 'behavior', 'Isolated').toLowerCase();
  if (!BEHAVIORS.has(name)) throw unsupported('splitting behaviour', { type: textOf(c, 'behavior', '') });
  return name as Behavior;
}

function cutter(pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer {
  return (pieces) => pieces.flatMap(({ text, atStart }) => join(runs(text, pattern, invert), behavior).filter((r) => r.to > r.from).map((r) => ({ text: text.slice(r.from, r.to), atStart: atStart && r.from === 0 })));
}
const chain = (steps: readonly PreTokenizer[]): PreTokenizer => (pieces) => steps.reduce((p, step) => step(p), pieces);
const each = (change: (piece: Piece) => string): PreTokenizer => (pieces) => pieces.map((p) => ({ text: change(p), atStart: p.atStart }));

function byteLevel(c: Component): PreTokenizer {
  const steps: PreTokenizer[] = [];
  if (c['add_prefix_space'] !== false) steps.push(each(({ text }) => (text.startsWith(' ') ? text : ` ${text}`)));
  if (c['use_regex'] !== false) steps.push(cutter(GPT2, 'isolated'));
  steps.push(each(({ text }) => bytesToAlphabet(utf8.encode(text))));
  return chain(steps);
}

function metaspace(c: Component): PreTokenizer {
  const mark = textOf(c, 'replacement', '▁');
  const scheme = textOf(c, 'prepend_scheme', c['add_prefix_space'] === false ? 'never' : 'always');
  const replace = each(({ text, atStart }) => {
    const t = text.replaceAll(' ', () => mark);
    return !t.startsWith(mark) && (scheme === 'always' || (scheme === 'first' && atStart)) ? mark + t : t;
  });
  if (c['split'] === false) return replace;
  return chain([replace, cutter(compilePattern({ String: mark }), 'mergedwithnext')]);
}

/** A pre-tokenizer, or null for none. Throws `tokenizer-invalid` for a kind that is not known. */
export function preTokenizerOf(c: Component | null): PreTokenizer | null {
  if (c === null) return null;
  switch (typeOf(c)) {
    case 'Sequence': { const steps = partsOf(c, 'pretokenizers').map(preTokenizerOf).filter((s) => s !== null); return steps.length === 0 ? null : chain(steps); }
    case 'ByteLevel': return byteLevel(c);
    case 'Metaspace': return metaspace(c);
    case 'Split': return cutter(compilePattern(c['pattern']), behaviorOf(c), c['invert'] === true);
    case 'Punctuation': return cutter(PUNCTUATION, behaviorOf(c));
    case 'Digits': return cutter(NUMERIC, c['individual_digits'] === true ? 'isolated' : 'contiguous');
    case 'Whitespace': return cutter(WORDS, 'removed', true);
    case 'WhitespaceSplit': return cutter(WHITE, 'removed');
    case 'BertPreTokenizer': return chain([cutter(WHITE, 'removed'), cutter(PUNCTUATION, 'isolated')]);
    case 'CharDelimiterSplit': return cutter(compilePattern({ String: textOf(c, 'delimiter', ' ') }), 'removed');
    default: throw unsupported('pre-tokenizer', c);
  }
}
