/** Held-out rows with the answers of base and tuned, right or wrong. */
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Demo } from '../../../../shared/schema/entities.ts';
import { Button, Card, TextView } from '../../ui/index.ts';
import { matches } from './demo-verdict.ts';

const FIRST = 4;

export function DemoExamples({ examples }: { examples: Demo['examples'] }) {
  const { t } = useTranslation('home'), [more, setMore] = useState(false), shown = more ? examples : examples.slice(0, FIRST);
  const answer = (label: string, text: string, expected: string) => {
    const right = matches(expected, text);
    return (
      <div>
        <div className="lab">{right ? <IconCheck size={13} className="good" role="img" aria-label={t('result.right')} /> : <IconX size={13} className="bad" role="img" aria-label={t('result.wrong')} />}{label}</div>
        <div className="mono">{text.trim() === '' ? <span className="faint">{t('result.empty')}</span> : <TextView text={text} />}</div>
      </div>
    );
  };
  return (
    <Card title={t('result.examples')} right={t('result.examplesNote')} footer={examples.length > FIRST && <Button size="s" kind="quiet" onClick={() => { setMore(!more); }} aria-expanded={more}>{more ? t('result.fewer') : t('result.moreExamples', { count: examples.length - FIRST })}</Button>}>
      {shown.map((e, i) => (
        <div className="example" key={`${i}${e.prompt}`}>
          <span className="muted">{e.task.replaceAll('_', ' ')}</span>
          <div><div className="lab">{t('result.prompt')}</div><TextView text={e.prompt} /></div>
          <div><div className="lab">{t('result.expected')}</div><div className="mono"><TextView text={e.expected} /></div></div>
          {answer(t('result.base'), e.base, e.expected)}
          {answer(t('result.tuned'), e.tuned, e.expected)}
        </div>
      ))}
    </Card>
  );
}
