/** A canonical row as the window and the command line show it. */
import type { CanonicalRow, Message } from '../../shared/formats.ts';
import type { RowView } from '../../shared/schema/data.ts';

const turns = (value: string | readonly Message[]): string => (typeof value === 'string' ? value : value.map((m) => `${m.role}: ${m.content ?? ''}`).join('\n'));

export function rowView(row: CanonicalRow, index: number): RowView {
  const { tags } = row;
  switch (row.kind) {
    case 'messages': return { index, kind: row.kind, messages: row.messages.map((m) => ({ role: m.role, content: m.content ?? '' })), ...(tags ? { tags } : {}) };
    case 'prompt-completion': return { index, kind: row.kind, prompt: turns(row.prompt), completion: turns(row.completion), ...(tags ? { tags } : {}) };
    case 'preference': return { index, kind: row.kind, prompt: turns(row.prompt), chosen: turns(row.chosen), rejected: turns(row.rejected), ...(row.margin === undefined ? {} : { margin: row.margin }), ...(tags ? { tags } : {}) };
    case 'unpaired-preference': return { index, kind: row.kind, prompt: turns(row.prompt), completion: turns(row.completion), label: row.label, ...(tags ? { tags } : {}) };
    case 'text': return { index, kind: row.kind, text: row.text, ...(tags ? { tags } : {}) };
  }
}
