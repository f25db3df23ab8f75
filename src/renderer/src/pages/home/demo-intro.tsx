/** What the demo does, before it has run. */
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { Trans, useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { useDatasets, useModels } from '../../state/entities.ts';
import { Button, Card } from '../../ui/index.ts';

export function DemoIntro({ onStart, starting }: { onStart: () => void; starting: boolean }) {
  const { t } = useTranslation('home'), f = useFormat();
  const model = useModels().find((m) => m.source === 'embedded'), data = useDatasets().filter((d) => d.source === 'embedded').toSorted((a, b) => b.rows - a.rows)[0];
  return (
    <Card className="hero" label={t('intro.title')}>
      <h2>{t('intro.title')}</h2>
      <p>{t('intro.body')}</p>
      <ol className="steps">
        <li><b>{t('intro.step1')}</b><span>{t('intro.step1Body')}</span></li>
        <li><b>{t('intro.step2')}</b><span>{t('intro.step2Body')}</span></li>
        <li><b>{t('intro.step3')}</b><span>{t('intro.step3Body')}</span></li>
      </ol>
      <div className="go">
        <Button kind="primary" size="l" busy={starting} icon={<IconPlayerPlayFilled size={15} />} onClick={onStart}>{t('intro.run')}</Button>
        <span>{t('intro.time')}</span>
      </div>
      {model && data && <p className="small with"><Trans t={t} i18nKey="intro.with" count={data.rows} values={{ model: model.name, parameters: f.count(model.parameters), family: model.family, data: data.name, count: data.rows }} components={{ b: <b /> }} /></p>}
    </Card>
  );
}
