/** The sampling settings as fields; used wherever an answer is asked for. */
import { IconDice5 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Sampling } from '../../../shared/schema/recipe.ts';
import { Button, NumberField } from '../ui/index.ts';
import './sampling.css';

const FIELDS: readonly { key: keyof Sampling; label: 'seed' | 'temperature' | 'top_p' | 'top_k' | 'min_p' | 'repetition_penalty' | 'max'; min: number; max: number; step: number; integer?: boolean }[] = [
  { key: 'seed', label: 'seed', min: 0, max: 0xffffffff, step: 1, integer: true }, { key: 'temperature', label: 'temperature', min: 0, max: 10, step: 0.1 }, { key: 'top_p', label: 'top_p', min: 0.01, max: 1, step: 0.05 }, { key: 'top_k', label: 'top_k', min: 0, max: 100_000, step: 1, integer: true },
  { key: 'min_p', label: 'min_p', min: 0, max: 1, step: 0.01 }, { key: 'repetition_penalty', label: 'repetition_penalty', min: 0.1, max: 10, step: 0.05 }, { key: 'max_new_tokens', label: 'max', min: 1, max: 65_536, step: 16, integer: true },
];

export function SamplingFields({ value, onChange }: { value: Sampling; onChange: (change: Partial<Sampling>) => void }) {
  const { t } = useTranslation('compare');
  return (
    <div className="sampling-fields">
      {FIELDS.map((f) => <NumberField key={f.key} label={t(f.label)} value={value[f.key]} min={f.min} max={f.max} step={f.step} integer={f.integer ?? false} onChange={(v) => { if (v !== undefined && v >= f.min && v <= f.max) onChange({ [f.key]: v }); }} />)}
      <Button icon={<IconDice5 size={15} stroke={1.7} />} onClick={() => { onChange({ seed: Math.floor(Math.random() * 1_000_000) }); }}>{t('newSeed')}</Button>
    </div>
  );
}
