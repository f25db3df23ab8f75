/** Form fields. Each has a label, an optional help text behind a question mark or below, and its problem in words, tied together for screen readers. */
import { useId } from 'react';
import type { ComponentProps, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Hint } from './tip.tsx';

export interface FieldFrame { label: string; /** Shown below the control. */ note?: ReactNode; /** Behind a question mark. */ help?: string; problem?: string; /** The key in recipes and TRL, in small type at the right. */ name?: string }
type Wiring = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true };

export function Field({ label, note, help, problem, name, children }: FieldFrame & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId(), { t } = useTranslation();
  const described = [note !== undefined && `${id}n`, problem !== undefined && `${id}p`].filter((x) => x !== false).join(' ');
  return (
    <div className="field">
      <div className="label"><label htmlFor={id}>{label}</label>{help !== undefined && <Hint text={help} label={t('helpFor', { label })} />}{name !== undefined && <span className="name">{name}</span>}</div>
      {children({ id, ...(described === '' ? {} : { 'aria-describedby': described }), ...(problem === undefined ? {} : { 'aria-invalid': true }) })}
      {note !== undefined && <div className="help" id={`${id}n`}>{note}</div>}
      {problem !== undefined && <div className="problem" id={`${id}p`} role="alert">{problem}</div>}
    </div>
  );
}

export function TextField({ value, onChange, multiline, rows = 3, mono = false, label, note, help, problem, name, ...rest }: FieldFrame & { value: string; onChange: (value: string) => void; multiline?: boolean; rows?: number; mono?: boolean } & Pick<ComponentProps<'input'>, 'placeholder' | 'disabled' | 'autoFocus' | 'maxLength'>) {
  const style = mono ? { fontFamily: 'var(--mono)', fontSize: 'var(--small)' } : undefined;
  return <Field {...{ label, note, help, problem, name }}>{(w) => (multiline === true ? <textarea className="input" {...w} {...rest} rows={rows} style={style} value={value} onChange={(e) => { onChange(e.target.value); }} /> : <input className="input" type="text" spellCheck={false} {...w} {...rest} style={style} value={value} onChange={(e) => { onChange(e.target.value); }} />)}</Field>;
}

export interface SelectOption { value: string; label: string; disabled?: boolean }
export function SelectField({ value, options, onChange, disabled, label, note, help, problem, name }: FieldFrame & { value: string; options: readonly SelectOption[]; onChange: (value: string) => void; disabled?: boolean }) {
  return <Field {...{ label, note, help, problem, name }}>{(w) => <select className="input" {...w} disabled={disabled} value={value} onChange={(e) => { onChange(e.target.value); }}>{options.map((o) => <option key={o.value} value={o.value} disabled={o.disabled ?? false}>{o.label}</option>)}</select>}</Field>;
}

export function SwitchField({ value, onChange, disabled, label, note, help, problem, name, state }: FieldFrame & { value: boolean; onChange: (value: boolean) => void; disabled?: boolean; /** Text beside the switch, for example "on". */ state?: string }) {
  return <Field {...{ label, note, help, problem, name }}>{(w) => <span className="switch"><input type="checkbox" role="switch" {...w} disabled={disabled} checked={value} onChange={(e) => { onChange(e.target.checked); }} /><i aria-hidden />{state !== undefined && <span className="muted small">{state}</span>}</span>}</Field>;
}

export function SliderField({ value, min, max, step, onChange, format, label, note, help, problem, name }: FieldFrame & { value: number; min: number; max: number; step: number; onChange: (value: number) => void; format?: (value: number) => string }) {
  return <Field {...{ label, note, help, problem, name }}>{(w) => <span className="slide"><input type="range" {...w} min={min} max={max} step={step} value={value} aria-valuetext={format?.(value)} onChange={(e) => { onChange(e.target.valueAsNumber); }} /><output htmlFor={w.id}>{format ? format(value) : value}</output></span>}</Field>;
}
