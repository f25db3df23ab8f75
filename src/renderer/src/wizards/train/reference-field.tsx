/** Which model the rewards are measured against: the model itself as it was at the start, or another one of the list. */
import { useTranslation } from 'react-i18next';
import { useModels } from '../../state/entities.ts';
import { SelectField } from '../../ui/index.ts';
import { useDraft } from './draft-store.ts';

const START = '';
export function ReferenceField({ value, onChange, ...frame }: { name: string; label: string; help: string; problem?: string; value: string | null; onChange: (value: string | null) => void }) {
  const { t } = useTranslation('train'), models = useModels(), own = useDraft((s) => s.draft.model);
  const others = models.filter((m) => !m.missing || m.id === value), known = value === null || others.some((m) => m.id === value || m.name === value);
  const chosen = value === null ? START : others.find((m) => m.id === value || m.name === value)?.id ?? value;
  return <SelectField {...frame} value={chosen} onChange={(v) => { onChange(v === START ? null : v); }} options={[{ value: START, label: t('parameters.refStart') }, ...others.map((m) => ({ value: m.id, label: m.id === own ? t('parameters.refOwn', { name: m.name }) : m.name })), ...(known ? [] : [{ value: value ?? START, label: value ?? '' }])]} />;
}
