/** Rows as aligned text, numbers to the right. Wide characters (Chinese, for one) count as two columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = head.map((h, i) => Math.max(width(h), ...rows.map((r) => width(r[i] ?? ''))));
  const line = (cells: readonly string[]): string => cells.map((cell, i) => { const pad = ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(cell))); return right.includes(i) ? pad + cell : cell + pad; }).join('  ').trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}

export function width(text: string): number {
  let n = 0;
  for (const c of text) n += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(c) ? 2 : 1;
  return n;
}
