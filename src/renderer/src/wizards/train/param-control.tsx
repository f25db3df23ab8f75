/** One hyper-parameter of the draft: its control made from the method's declaration, its words, its problem, and the way back to the default. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { Button, Field, HintField, writeNumber } from '../../ui/index.ts';
import type { HintValue } from '../../ui/hint-field.tsx';
import { useDraft } from './draft-store.ts';
import { LossList } from './loss-list.tsx';
import { bounds, isChanged, isInvalid, namesOf, paramFields, valueOf } from './param-fields.ts';
import { ReferenceField } from './reference-field.tsx';
import type { ParamField } from './param-fields.ts';
import type en from '../../i18n/locales/en/train.json';

type ParamName = keyof typeof en.param;

export function ParamControl({ field }: { field: ParamField }) {
  const { t } = useTranslation('train'), f = useFormat();
  const { draft, setParam } = useDraft();
  const name = field.name as ParamName, label = t(`param.${name}.label`), help = t(`param.${name}.help`);
  const value = valueOf(draft, field), changed = isChanged(draft, field), set = (v: unknown): void => { setParam(field, v); };
  const { min, max } = bounds(field);
  const range = min !== null && max !== null ? `${writeNumber(min)} – ${writeNumber(max)}` : min !== null ? `≥ ${writeNumber(min)}` : max !== null ? `≤ ${writeNumber(max)}` : '';
  const problem = isInvalid(draft, field) ? t('parameters.outOfRange', { range }) : undefined;
  const nothing = field.hint.control === 'switch' ? t('parameters.auto') : field.name === 'ref_model' ? t('parameters.refStart') : t('parameters.off');
  const words = (v: unknown): string => (v === null ? nothing : Array.isArray(v) && v.every((x) => typeof x === 'string') ? v.join(', ') : typeof v === 'boolean' ? t(v ? 'parameters.on' : 'parameters.off') : typeof v === 'number' ? writeNumber(v) : typeof v === 'string' ? v : JSON.stringify(v));
  const unit = field.hint.unit === undefined ? undefined : t(`parameters.unit.${field.hint.unit}`);
  const common = { name: field.name, label, help, problem };
  const weights = paramFields(draft.method, draft.adapter).find((x) => x.name === 'loss_weights');
  return (
    <div className="wz-param" data-changed={changed}>
      {name === 'loss_type' && weights !== undefined ? <LossList {...common} options={field.hint.options ?? []} types={namesOf(value)} weights={numbersOf(valueOf(draft, weights))} onChange={(types, w) => { set(types); setParam(weights, w); }} />
        : name === 'ref_model' ? <ReferenceField {...common} value={typeof value === 'string' ? value : null} onChange={set} />
        : name === 'lr_scheduler_kwargs' ? <JsonField {...common} value={value} onChange={set} error={t('parameters.kwargsError')} />
        : name === 'init_lora_weights' ? <HintField {...common} hint={field.hint} value={String(value)} onChange={(v) => { set(v === 'true' ? true : v === 'false' ? false : v); }} optionLabel={(o) => (o === 'true' ? t('parameters.on') : o === 'false' ? t('parameters.off') : o)} />
          : name === 'target_modules' ? <HintField {...common} hint={field.hint} value={Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : ''} onChange={(v) => { set(modules(String(v ?? ''))); }} />
            : field.hint.control === 'modules' || field.hint.control === 'text' ? <HintField {...common} hint={field.hint} value={listText(value)} onChange={(v) => { set(v === '' ? field.fallback : v); }} />
            : <HintField {...common} hint={field.hint} value={value as HintValue} onChange={set} unit={unit} nullable={field.nullable} autoLabel={nothing} onLabel={t('parameters.on')} offLabel={t('parameters.off')} />}
      {changed && <Button size="s" kind="quiet" className="wz-reset" onClick={() => { set(field.fallback); if (name === 'loss_type' && weights !== undefined) setParam(weights, weights.fallback); }}>{t('parameters.reset', { value: typeof field.fallback === 'number' && field.hint.unit !== undefined ? f.number(field.fallback) : words(field.fallback) })}</Button>}
    </div>
  );
}

const numbersOf = (value: unknown): number[] | null => (Array.isArray(value) ? value.map(Number) : null);

/** Lists and numbers by name as one text, "a, b" and "a=1, b=2": the schema reads them back. */
function listText(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([k, v]) => `${k}=${String(v)}`).join(', ');
  return typeof value === 'string' ? value : '';
}

/** "q_proj, v_proj" is a list; one word is a name or a pattern. */
function modules(text: string): string | string[] {
  const parts = text.split(',').map((p) => p.trim());
  return parts.length < 2 ? text.trim() : parts.filter((p, i) => p !== '' || i === parts.length - 1);
}

function JsonField({ value, onChange, error, problem, ...frame }: { label: string; help: string; name: string; problem?: string; value: unknown; onChange: (v: unknown) => void; error: string }) {
  const [text, setText] = useState(() => JSON.stringify(value));
  const [bad, setBad] = useState(false);
  const give = (raw: string): void => {
    setText(raw);
    try { onChange(raw.trim() === '' ? {} : JSON.parse(raw)); setBad(false); } catch { setBad(true); }
  };
  return <Field {...frame} problem={bad || problem !== undefined ? error : undefined}>{(w) => <input className="input mono" spellCheck={false} {...w} value={text} onChange={(e) => { give(e.target.value); }} />}</Field>;
}
