/** What is watched beside the loss: how many probe prompts, which rules pause the run, and their limits. */
import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HealthRule, RuleId } from '../../../../shared/health/index.ts';
import { Button, Card, Hint, NumberField, Pill } from '../../ui/index.ts';
import { useDraft } from './draft-store.ts';
import { asksProbes, badLimit, badProbes, DEFAULT_PROBES, hasLimits, limitOf, MOST_PROBES, rulesFor, withLimit, withPause, withProbes, type HealthDraft, type Lack } from './health-draft.ts';

export function HealthFields() {
  const { t } = useTranslation('health'), { t: train } = useTranslation('train');
  const { draft, change } = useDraft(), health = draft.health ?? {}, set = (next: HealthDraft): void => { change({ health: next }); };
  const own = draft.samples.prompts.some((p) => p.trim() !== '');
  return (
    <Card title={t('wizard.title')} className="wz-health">
      <div className="body wz-health-head">
        <p className="muted small">{t('wizard.intro')}</p>
        {asksProbes(draft) && <NumberField label={t('wizard.probes')} help={t('wizard.probesHelp')} name="health.probes" note={t(own ? 'wizard.probesOwn' : 'wizard.probesNote')} integer min={0} max={MOST_PROBES} unit={t('wizard.prompts')} disabled={own} value={'probes' in health ? health.probes : DEFAULT_PROBES} problem={badProbes(health) ? train('parameters.outOfRange', { range: `0 – ${MOST_PROBES}` }) : undefined} onChange={(v) => { set(withProbes(health, v)); }} />}
      </div>
      <ul aria-label={t('wizard.rules')}>{rulesFor(draft).map(({ rule, lack }) => <RuleRow key={rule.id} rule={rule} lack={lack} health={health} set={set} />)}</ul>
    </Card>
  );
}

function RuleRow({ rule, lack, health, set }: { rule: HealthRule & { id: RuleId }; lack: Lack | null; health: HealthDraft; set: (next: HealthDraft) => void }) {
  const { t } = useTranslation('health');
  const changed = hasLimits(health, rule.id), [open, setOpen] = useState(false), id = useId(), pauses = health.pause_on?.includes(rule.id) === true;
  const name = t(`name.${rule.id}`), source = t('source', { source: rule.source }), label = t as unknown as (key: string) => string;
  const shown = open || Object.values(health.limits?.[rule.id] ?? {}).some(badLimit);
  return (
    <li className="wz-rule" data-pauses={pauses}>
      <label className="switch"><input type="checkbox" role="switch" aria-label={t('wizard.pause', { name })} checked={pauses} onChange={(e) => { set(withPause(health, rule.id, e.target.checked)); }} /><i aria-hidden /></label>
      <div className="wz-rule-words">
        <span className="wz-rule-name">{name}<Hint text={source} label={source} />{changed && <Pill tone="ember">{t('wizard.changed')}</Pill>}</span>
        <small>{t(`when.${rule.id}`)}{lack !== null && <em>{t(`wizard.${lack}`)}</em>}</small>
      </div>
      <span className="wz-rule-state" data-on={pauses}>{t(pauses ? 'wizard.pauses' : 'wizard.tells')}</span>
      <button type="button" className="wz-rule-more" aria-expanded={shown} aria-controls={id} aria-label={t('wizard.limitsOf', { name })} onClick={() => { setOpen(!shown); }}>{t('wizard.limits')}<IconChevronRight size={14} aria-hidden /></button>
      {shown && (
        <div className="wz-rule-limits" id={id} role="group" aria-label={t('wizard.limitsOf', { name })}>
          <div className="wz-grid">{Object.keys(rule.limits).map((key) => <NumberField key={key} label={label(`limit.${rule.id}.${key}`)} name={key} min={0} step={(rule.limits[key] ?? 0) < 1 ? 0.05 : 1} value={limitOf(health, rule, key)} problem={badLimit(limitOf(health, rule, key)) ? t('wizard.invalid') : undefined} onChange={(v) => { set(withLimit(health, rule, key, v)); }} />)}</div>
          {changed && <Button size="s" kind="quiet" className="wz-reset" onClick={() => { set({ ...health, limits: { ...health.limits, [rule.id]: {} } }); }}>{t('wizard.reset')}</Button>}
        </div>
      )}
    </li>
  );
}
