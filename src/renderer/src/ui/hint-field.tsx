/** The control for one hyper-parameter, made from what its method declares (FieldHint): a method's author writes no UI. The owner gives the words, so that the kit knows no page. */
import type { FieldHint } from '../../../shared/methods/method.ts';
import { SelectField, SwitchField, TextField } from './field.tsx';
import { NumberField } from './number-field.tsx';

export type HintValue = number | boolean | string | null | undefined;
export interface HintFieldProps {
  name: string; hint: FieldHint; value: HintValue; onChange: (value: HintValue) => void;
  label: string; help?: string; problem?: string; unit?: string; disabled?: boolean;
  /** Words of an option, and of the third state of a switch that may be left to the program (null). */
  optionLabel?: (option: string) => string; autoLabel?: string; onLabel?: string; offLabel?: string;
  /** True where null means "decide for me". */
  nullable?: boolean;
}

export function HintField({ name, hint, value, onChange, label, help, problem, unit, disabled, optionLabel, autoLabel, onLabel, offLabel, nullable = false }: HintFieldProps) {
  const frame = { label, help, problem, name, disabled };
  switch (hint.control) {
    case 'switch':
      if (nullable) return <SelectField {...frame} value={value === null || value === undefined ? 'auto' : String(value)} onChange={(v) => { onChange(v === 'auto' ? null : v === 'true'); }} options={[{ value: 'auto', label: autoLabel ?? 'auto' }, { value: 'true', label: onLabel ?? 'on' }, { value: 'false', label: offLabel ?? 'off' }]} />;
      return <SwitchField {...frame} value={value === true} onChange={onChange} state={value === true ? onLabel : offLabel} />;
    case 'select': return <SelectField {...frame} value={String(value ?? '')} onChange={onChange} options={(hint.options ?? []).map((o) => ({ value: o, label: optionLabel?.(o) ?? o }))} />;
    case 'text': case 'modules': return <TextField {...frame} mono value={typeof value === 'string' ? value : ''} onChange={onChange} />;
    default: {
      const number = typeof value === 'number' ? value : undefined;
      return <NumberField {...frame} value={number} onChange={onChange} {...(nullable ? { placeholder: autoLabel ?? 'auto', onEmpty: () => { onChange(null); } } : {})} integer={hint.control === 'integer'} min={hint.min} max={hint.max} unit={unit} step={hint.control === 'learning-rate' ? learningRateStep(number) : hint.control === 'integer' ? 1 : hint.max !== undefined && hint.max <= 1 ? 0.01 : 1} />;
    }
  }
}
/** A tenth of the leading power: 2e-4 steps by 1e-5. */
const learningRateStep = (n: number | undefined): number => (n === undefined || n <= 0 ? 1e-5 : 10 ** (Math.floor(Math.log10(n)) - 1));
