/** What the run's own numbers say, in plain words, each with what it rests on. */
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { Card, Dot } from '../../ui/index.ts';
import { findingText } from './finding-text.ts';
import type { Finding, Judgement } from './run-findings.ts';

const TONE: Record<Judgement, 'good' | 'warn' | 'bad' | 'steel'> = { good: 'good', warn: 'warn', bad: 'bad', neutral: 'steel' };

export function HealthCard({ findings, step }: { findings: readonly Finding[]; step: number }) {
  const { t } = useTranslation('run'), f = useFormat();
  return (
    <Card title={t('health.title')} right={step > 0 ? t('health.at', { step: f.number(step) }) : undefined}>
      {findings.length === 0 && <p className="run-note">{t('answer.none')}</p>}
      <ul>{findings.map((x) => {
        const { text, detail } = findingText(x, t, f);
        return <li className="run-finding" key={x.kind}><Dot tone={TONE[x.judgement]} label={t(`health.${x.judgement}`)} /><p>{text}</p><small>{detail}</small></li>;
      })}</ul>
    </Card>
  );
}
