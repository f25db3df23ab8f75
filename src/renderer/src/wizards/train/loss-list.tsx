/** One or several losses with their weights: a row for each, as the recipe's loss_type and loss_weights. With one loss there is no weight to set. */
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Field, parseNumber, writeNumber } from '../../ui/index.ts';

export interface LossListProps { name: string; label: string; help: string; problem?: string; options: readonly string[]; types: readonly string[]; weights: readonly number[] | null; onChange: (types: string[], weights: number[] | null) => void }

export function LossList({ options, types, weights, onChange, ...frame }: LossListProps) {
  const { t } = useTranslation('train');
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  // All ones is what no weights mean.
  const give = (rows: readonly { type: string; weight: number }[]): void => { onChange(rows.map((r) => r.type), rows.every((r) => r.weight === 1) ? null : rows.map((r) => r.weight)); };
  const rows = types.map((type, i) => ({ type, weight: weightOf(i) })), free = options.find((o) => !types.includes(o));
  const change = (at: number, part: Partial<{ type: string; weight: number }>): void => { give(rows.map((r, i) => (i === at ? { ...r, ...part } : r))); };
  return (
    <Field {...frame} {...(types.length > 1 ? { note: t('parameters.losses.note') } : {})}>{(wiring) => (
      <div className="loss-list">
        {rows.map((row, i) => (
          <div className="loss-row" key={row.type}>
            <select className="input" {...(i === 0 ? wiring : { 'aria-label': t('parameters.losses.type', { n: i + 1 }) })} value={row.type} onChange={(e) => { change(i, { type: e.target.value }); }}>
              {options.map((o) => <option key={o} value={o} disabled={o !== row.type && types.includes(o)}>{o}</option>)}
            </select>
            {rows.length > 1 && <Weight label={t('parameters.losses.weight', { type: row.type })} value={row.weight} onChange={(weight) => { change(i, { weight }); }} />}
            {rows.length > 1 && <Button size="s" kind="quiet" icon={<IconX size={14} />} label={t('parameters.losses.remove', { type: row.type })} onClick={() => { give(rows.filter((_, k) => k !== i)); }} />}
          </div>
        ))}
        {free !== undefined && <Button size="s" kind="quiet" className="loss-add" icon={<IconPlus size={14} />} onClick={() => { give([...rows, { type: free, weight: 1 }]); }}>{t('parameters.losses.add')}</Button>}
      </div>
    )}</Field>
  );
}

/** Half-typed text stays as it is and changes nothing. */
function Weight({ label, value, onChange }: { label: string; value: number; onChange: (weight: number) => void }) {
  const [text, setText] = useState(() => writeNumber(value));
  const typed = parseNumber(text), bad = typed === undefined || typed < 0;
  return <input className="input" type="text" inputMode="decimal" aria-label={label} {...(bad ? { 'aria-invalid': true } : {})} value={text} onChange={(e) => { setText(e.target.value); const n = parseNumber(e.target.value); if (n !== undefined && n >= 0) onChange(n); }} onBlur={() => { if (bad) setText(writeNumber(value)); }} />;
}
