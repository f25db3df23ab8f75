/** Difference of two answers word by word: longest common subsequence over words, punctuation, spaces and single Han characters. */

export interface DiffPart { kind: 'same' | 'ins' | 'del'; text: string }

const UNIT = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|[\p{L}\p{M}\p{N}_'’]+?(?=\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|[^\p{L}\p{M}\p{N}_'’]|$)|\s+|[^\s]/gu;
export const units = (text: string): string[] => text.match(UNIT) ?? [];

/** Table cells beyond which the middle is reported as replaced as a whole, so that a long answer never stalls the window. */
const MAX_CELLS = 4_000_000;

/** Parts in order: removing `ins` gives `before`, removing `del` gives `after`. Neighbours of one kind are joined. */
export function wordDiff(before: string, after: string): DiffPart[] {
  const a = units(before), b = units(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const out: DiffPart[] = [];
  const push = (kind: DiffPart['kind'], text: string): void => {
    if (text === '') return;
    const last = out.at(-1);
    if (last?.kind === kind) last.text += text;
    else out.push({ kind, text });
  };
  push('same', a.slice(0, head).join(''));
  for (const part of middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) push(part.kind, part.text);
  push('same', a.slice(a.length - tail).join(''));
  return groupChanges(out);
}

function middle(a: string[], b: string[]): DiffPart[] {
  const n = a.length, m = b.length;
  if (n === 0 || m === 0 || n * m > MAX_CELLS) return [{ kind: 'del', text: a.join('') }, { kind: 'ins', text: b.join('') }];
  const width = m + 1;
  const lcs = new Uint32Array((n + 1) * width);
  const at = (i: number, j: number): number => lcs[i * width + j] as number;
  for (let i = n - 1; i >= 0; i--) for (let j = m - 1; j >= 0; j--) lcs[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: DiffPart[] = [];
  let i = 0, j = 0;
  while (i < n && j < m) {
    if (a[i] === b[j]) { out.push({ kind: 'same', text: a[i] as string }); i++; j++; }
    else if (at(i + 1, j) >= at(i, j + 1)) out.push({ kind: 'del', text: a[i++] as string });
    else out.push({ kind: 'ins', text: b[j++] as string });
  }
  while (i < n) out.push({ kind: 'del', text: a[i++] as string });
  while (j < m) out.push({ kind: 'ins', text: b[j++] as string });
  return out;
}

/** A lone space between two changed words reads better as part of the change. */
function groupChanges(parts: DiffPart[]): DiffPart[] {
  const out: DiffPart[] = [];
  let del = '', ins = '';
  const flush = (): void => {
    if (del !== '') out.push({ kind: 'del', text: del });
    if (ins !== '') out.push({ kind: 'ins', text: ins });
    del = ''; ins = '';
  };
  parts.forEach((p, k) => {
    if (p.kind === 'del') del += p.text;
    else if (p.kind === 'ins') ins += p.text;
    else if (/^\s+$/.test(p.text) && del + ins !== '' && k < parts.length - 1) { del += p.text; ins += p.text; }
    else { flush(); out.push({ ...p }); }
  });
  flush();
  return out;
}
