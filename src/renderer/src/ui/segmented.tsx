/** A few exclusive choices side by side; radio buttons underneath, so arrows move between them. */
import { useId } from 'react';
import type { ReactNode } from 'react';

export interface SegOption<T extends string> { value: T; label: ReactNode; disabled?: boolean }
export function Segmented<T extends string>({ value, options, onChange, label }: { value: T; options: readonly SegOption<T>[]; onChange: (value: T) => void; label: string }) {
  const name = useId();
  return (
    <span className="seg" role="radiogroup" aria-label={label}>
      {options.map((o) => <label key={o.value}><input type="radio" name={name} value={o.value} checked={o.value === value} disabled={o.disabled ?? false} onChange={() => { onChange(o.value); }} /><span>{o.label}</span></label>)}
    </span>
  );
}
