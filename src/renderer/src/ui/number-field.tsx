/** A number typed as text, so that "2e-4" and half-typed numbers survive. Reports undefined while what stands there is no number; arrows step, with Shift by ten. */
import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { Field } from './field.tsx';
import type { FieldFrame } from './field.tsx';

export interface NumberFieldProps extends FieldFrame { value: number | undefined; onChange: (value: number | undefined) => void; min?: number; max?: number; step?: number; integer?: boolean; unit?: string; disabled?: boolean; placeholder?: string; /** An empty field means something: told instead of undefined. */ onEmpty?: () => void }

/** Plain or scientific notation; decimal comma is taken as a point. Undefined when it is no finite number. */
export function parseNumber(text: string): number | undefined {
  const s = text.trim().replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(s)) return undefined;
  const n = Number(s);
  return Number.isFinite(n) ? n : undefined;
}
/** As people write hyper-parameters: 2e-4 rather than 0.0002. */
export function writeNumber(n: number): string {
  const size = Math.abs(n);
  if (n !== 0 && size < 1e-3) return n.toExponential().replace('e+', 'e');
  return String(n);
}

export function NumberField({ value, onChange, min, max, step = 1, integer = false, unit, disabled, placeholder, onEmpty, label, note, help, problem, name }: NumberFieldProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : writeNumber(value)));
  // A value set from outside replaces the text; one that the text already says does not (so "2e-4" stays as typed).
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    if (value !== undefined && parseNumber(text) !== value) setText(writeNumber(value));
    // Back to "nothing chosen" from outside; half-typed text also reports undefined, and stays.
    else if (value === undefined && onEmpty !== undefined && parseNumber(text) === seen) setText('');
  }
  const give = (raw: string): void => {
    setText(raw);
    if (onEmpty !== undefined && raw.trim() === '') { onEmpty(); return; }
    const n = parseNumber(raw);
    onChange(n === undefined || (integer && !Number.isInteger(n)) ? undefined : n);
  };
  const onKey = (e: KeyboardEvent<HTMLInputElement>): void => {
    if (e.key !== 'ArrowUp' && e.key !== 'ArrowDown') return;
    e.preventDefault();
    const by = step * (e.shiftKey ? 10 : 1) * (e.key === 'ArrowUp' ? 1 : -1);
    const next = Math.max(min ?? -Infinity, Math.min(max ?? Infinity, Number(((value ?? min ?? 0) + by).toPrecision(12))));
    setText(writeNumber(next));
    onChange(next);
  };
  return (
    <Field {...{ label, note, help, problem, name }}>
      {(w) => <span className="unit"><input className="input" type="text" inputMode={integer ? 'numeric' : 'decimal'} autoComplete="off" spellCheck={false} {...w} disabled={disabled} placeholder={placeholder} value={text} onChange={(e) => { give(e.target.value); }} onKeyDown={onKey} />{unit !== undefined && <span aria-hidden>{unit}</span>}</span>}
    </Field>
  );
}
