/** How it learns: a form made from the method's declaration, in groups, basic first. */
import { useTranslation } from 'react-i18next';
import { Button, Card, NumberField, Segmented, TextField } from '../../ui/index.ts';
import { DeviceCard } from './device-card.tsx';
import { useDraft } from './draft-store.ts';
import { healthSection } from './health-draft.ts';
import { HealthFields } from './health-fields.tsx';
import { ParamControl } from './param-control.tsx';
import { GROUPS, isChanged, isShown, paramFields } from './param-fields.ts';

const SAMPLE_TOKENS = 64;
/** Has its place beside device and precision. */
const IN_DEVICE_CARD = 'compute';

export function StepParameters() {
  const { t } = useTranslation('train');
  const { draft, level, setLevel, change, resetParams } = useDraft();
  const fields = paramFields(draft.method, draft.adapter);
  const hiddenChanged = level === 'basic' ? fields.filter((f) => f.hint.level === 'advanced' && f.name !== IN_DEVICE_CARD && isChanged(draft, f)) : [];
  const shown = fields.filter((f) => (level === 'advanced' || f.hint.level === 'basic') && isShown(draft, fields, f));
  const anyChanged = fields.some((f) => isChanged(draft, f)) || healthSection(draft.health ?? {}) !== undefined || draft.device !== undefined || draft.precision !== undefined;
  const sampling = draft.samples.sampling ?? {}, tokens = typeof sampling['max_new_tokens'] === 'number' ? sampling['max_new_tokens'] : SAMPLE_TOKENS;
  return (
    <>
      <div className="wz-bar">
        <Segmented label={t('parameters.level')} value={level} onChange={setLevel} options={[{ value: 'basic', label: t('parameters.basic') }, { value: 'advanced', label: t('parameters.advanced') }]} />
        <span className="muted small">{hiddenChanged.length > 0 ? t('parameters.advancedChanged', { count: hiddenChanged.length }) : anyChanged ? '' : t('parameters.defaults')}</span>
        <span className="end"><Button size="s" kind="quiet" disabled={!anyChanged} onClick={resetParams}>{t('parameters.resetAll')}</Button></span>
      </div>
      <div className="wz-groups">
        {GROUPS.map((group) => {
          const mine = shown.filter((f) => f.hint.group === group && f.name !== IN_DEVICE_CARD);
          return mine.length === 0 ? null : <Card key={group} title={t(`parameters.group.${group}`)}><div className="body wz-grid">{mine.map((f) => <ParamControl key={f.name} field={f} />)}</div></Card>;
        })}
      </div>
      <DeviceCard />
      <Card title={t('parameters.group.samples')}><div className="body stack">
        <TextField multiline rows={4} label={t('parameters.samplesLabel')} name="samples.prompts" note={t('parameters.samplesHelp')} placeholder={t('parameters.samplesPlaceholder')} value={draft.samples.prompts.join('\n')} onChange={(text) => { change({ samples: { ...draft.samples, prompts: text === '' ? [] : text.split('\n') } }); }} />
        <div className="wz-grid"><NumberField label={t('parameters.samplesTokens')} name="max_new_tokens" integer min={1} max={4096} unit={t('parameters.unit.tokens')} value={tokens} onChange={(v) => { if (v !== undefined && v >= 1) change({ samples: { ...draft.samples, sampling: { ...sampling, max_new_tokens: v } } }); }} />
          <TextField label={t('parameters.name')} name="name" placeholder={t('parameters.namePlaceholder')} maxLength={120} value={draft.name ?? ''} onChange={(name) => { change({ name }); }} /></div>
      </div></Card>
      <HealthFields />
    </>
  );
}
