/** Beside the form: when to use this, what matters, how it fails. The method step and the parameters speak of the chosen method. */
import { useTranslation } from 'react-i18next';
import { Card } from '../../ui/index.ts';
import { useDraft } from './draft-store.ts';
import type { StepId } from './draft-store.ts';

export function Guide({ step }: { step: Exclude<StepId, 'review'> }) {
  const { t } = useTranslation('train'), method = useDraft((s) => s.draft.method);
  const page = { when: t(`guide.${step}.when`), knobs: [[t(`guide.${step}.knob1`), t(`guide.${step}.knob1Text`)], [t(`guide.${step}.knob2`), t(`guide.${step}.knob2Text`)]] as const, fail: t(`guide.${step}.fail`) };
  const own = { when: t(`guide.of.${method}.when`), knobs: [[t(`guide.of.${method}.knob1`), t(`guide.of.${method}.knob1Text`)], [t(`guide.of.${method}.knob2`), t(`guide.of.${method}.knob2Text`)]] as const, fail: t(`guide.of.${method}.fail`) };
  const aboutMethod = step === 'method' || (step === 'parameters' && method !== 'sft');
  const shown = step === 'method' ? own : aboutMethod ? { when: page.when, knobs: [...own.knobs, ...page.knobs], fail: own.fail } : page;
  return (
    <Card title={aboutMethod ? t('guide.titleOf', { method: t(`method.${method}.name`) }) : t('guide.title')} className="wz-guide">
      <div className="body">
        <h3>{t('guide.when')}</h3><p>{shown.when}</p>
        <h3>{t('guide.knobs')}</h3>
        <dl>{shown.knobs.map(([name, text]) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
        <h3>{t('guide.fails')}</h3><p>{shown.fail}</p>
        {step === 'method' && <><h3>{t('method.adapter')}</h3><p className="muted">{t('guide.adapter')}</p></>}
      </div>
    </Card>
  );
}
