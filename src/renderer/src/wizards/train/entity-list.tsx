/** A list of things of which one is chosen: radio buttons underneath, so arrows move and screen readers count. */
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { Dot } from '../../ui/index.ts';

export interface Choice { value: string; name: string; facts: readonly string[]; tag?: ReactNode; disabled?: boolean; note?: ReactNode; search?: string }

export function EntityList({ label, choices, value, onChange, searchLabel }: { label: string; choices: readonly Choice[]; value: string | undefined; onChange: (value: string) => void; searchLabel: string }) {
  const group = useId(), [query, setQuery] = useState('');
  const wanted = query.trim().toLowerCase();
  const shown = choices.filter((c) => wanted === '' || `${c.name} ${c.search ?? ''}`.toLowerCase().includes(wanted));
  return (
    <>
      {choices.length > 8 && <div className="wz-search"><input className="input" type="search" aria-label={searchLabel} placeholder={searchLabel} value={query} onChange={(e) => { setQuery(e.target.value); }} /></div>}
      <div role="radiogroup" aria-label={label} className="wz-list">
        {shown.map((c) => (
          <label key={c.value} className="wz-choice" data-on={c.value === value} data-off={c.disabled === true ? true : undefined}>
            <input type="radio" name={group} value={c.value} checked={c.value === value} disabled={c.disabled ?? false} onChange={() => { onChange(c.value); }} />
            <i className="wz-radio" aria-hidden />
            <span className="wz-choice-name">{c.name}</span>{c.tag}
            <span className="wz-facts">{c.facts.map((f) => <span key={f}>{f}</span>)}</span>
            {c.note !== undefined && <span className="wz-note"><Dot tone="warn" />{c.note}</span>}
          </label>
        ))}
      </div>
    </>
  );
}
