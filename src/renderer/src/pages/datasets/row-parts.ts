/** The parts of a row in reading order; what is learned comes last or is the assistant's. Pure. */
import type { RowView } from '../../../../shared/schema/data.ts';

export interface Part { role: string; text: string }
export function rowParts(row: RowView): Part[] {
  if (row.kind === 'messages') return (row.messages ?? []).map((m) => ({ role: m.role, text: m.content }));
  if (row.kind === 'prompt-completion') return [{ role: 'prompt', text: row.prompt ?? '' }, { role: 'completion', text: row.completion ?? '' }];
  return [{ role: 'text', text: row.text ?? '' }];
}
