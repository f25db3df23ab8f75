/** The parts of a row in reading order; what is learned comes last or is the assistant's. Pure. */
import type { RowView } from '../../../../shared/schema/data.ts';

export interface Part { role: string; text: string }
export function rowParts(row: RowView): Part[] {
  if (row.kind === 'messages') return (row.messages ?? []).map((m) => ({ role: m.role, text: m.content }));
  if (row.kind === 'prompt-completion') return [{ role: 'prompt', text: row.prompt ?? '' }, { role: 'completion', text: row.completion ?? '' }];
  if (row.kind === 'preference') return [...promptPart(row), { role: 'chosen', text: row.chosen ?? '' }, { role: 'rejected', text: row.rejected ?? '' }];
  if (row.kind === 'unpaired-preference') return [...promptPart(row), { role: 'completion', text: row.completion ?? '' }];
  return [{ role: 'text', text: row.text ?? '' }];
}
const promptPart = ({ prompt = '' }: RowView): Part[] => (prompt === '' ? [] : [{ role: 'prompt', text: prompt }]);
