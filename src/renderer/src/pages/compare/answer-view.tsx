/** One answer as text, as the difference to another, or with the probability of every token. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { TextView, visibleParts } from '../../ui/index.ts';
import { textOf } from './compare-store.ts';
import type { Answer, View } from './compare-store.ts';
import { shadeOf } from '../../ui/token-chance.ts';
import { wordDiff } from '../../ui/word-diff.ts';

export function AnswerView({ answer, view, against }: { answer: Answer; view: View; against: Answer | null }) {
  const text = textOf(answer);
  if (view === 'probabilities') return <Probabilities answer={answer} />;
  if (view === 'difference' && against !== null) return <Difference before={textOf(against)} after={text} />;
  return <TextView text={text} />;
}

function Difference({ before, after }: { before: string; after: string }) {
  const { t } = useTranslation('compare');
  const parts = useMemo(() => wordDiff(before, after), [before, after]);
  if (parts.every((p) => p.kind === 'same') && after !== '') return <><TextView text={after} /><span className="cmp-same">{t('pane.sameAnswer')}</span></>;
  return <bdi className="cmp-text">{parts.map((p, i) => (p.kind === 'same' ? <TextView key={i} text={p.text} /> : p.kind === 'ins' ? <ins key={i}><span className="visually-hidden">{t('inserted')}: </span><TextView text={p.text} /></ins> : <del key={i}><span className="visually-hidden">{t('removed')}: </span><TextView text={p.text} /></del>))}</bdi>;
}

function Probabilities({ answer }: { answer: Answer }) {
  const { t } = useTranslation('compare'), f = useFormat();
  return (
    <bdi className="cmp-text">{answer.tokens.map((token, i) => {
      const title = t('pane.token', { text: JSON.stringify(token.text), percent: f.percent(Math.exp(token.logprob), 1), logprob: f.number(token.logprob, { maximumFractionDigits: 2 }) });
      return <span key={i} className="cmp-token" data-shade={shadeOf(token.logprob)} title={title}>{visibleParts(token.text).map((p, j) => (p.hidden ? <span key={j} className="ctl">{p.text}</span> : p.text))}</span>;
    })}</bdi>
  );
}
