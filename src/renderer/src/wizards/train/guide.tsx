/** Beside the form: when to use this, what matters, how it fails. */
import { useTranslation } from 'react-i18next';
import { Card } from '../../ui/index.ts';
import type { StepId } from './draft-store.ts';

export function Guide({ step }: { step: Exclude<StepId, 'review'> }) {
  const { t } = useTranslation('train');
  return (
    <Card title={t('guide.title')} className="wz-guide">
      <div className="body">
        <h3>{t('guide.when')}</h3><p>{t(`guide.${step}.when`)}</p>
        <h3>{t('guide.knobs')}</h3>
        <dl><dt>{t(`guide.${step}.knob1`)}</dt><dd>{t(`guide.${step}.knob1Text`)}</dd><dt>{t(`guide.${step}.knob2`)}</dt><dd>{t(`guide.${step}.knob2Text`)}</dd></dl>
        <h3>{t('guide.fails')}</h3><p>{t(`guide.${step}.fail`)}</p>
      </div>
    </Card>
  );
}
