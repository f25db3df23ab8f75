/** Both answers of a pair as the model will see them, side by side under the prompt that they share; or one labelled answer. Says which side is longer, because length is the easiest thing to learn. */
import { IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { MaskAnswer, MaskRow } from '../../../../shared/schema/review.ts';
import { useFormat } from '../../i18n/format.ts';
import { MaskTokens } from './mask-tokens.tsx';

type Titles = Parameters<typeof MaskTokens>[0]['titles'];

export function PairMask({ row, answers, titles, more }: { row: MaskRow; answers: readonly MaskAnswer[]; titles: Titles; more: (n: number) => string }) {
  const { t } = useTranslation('train'), f = useFormat();
  const [first, second] = answers.map((a) => a.tokens.length);
  const ahead = (a: MaskAnswer): number => (first === undefined || second === undefined ? 0 : a.role === 'chosen' ? first - second : second - first);
  const good = (a: MaskAnswer): boolean => a.role === 'chosen' || (a.role === 'completion' && row.label !== false);
  const tokens = (n: number): string => t('review.see.tokens', { count: n, n: f.number(n) });
  return (
    <>
      {row.tokens.length > 0 && <><p className="mask-shared">{t('review.pair.prompt', { tokens: tokens(row.tokens.length) })}</p><div className="mask-box" tabIndex={0} role="group" aria-label={t('review.pair.promptLabel')}><MaskTokens tokens={row.tokens} titles={titles} more={more} /></div></>}
      <div className="pair-mask" {...(answers.length === 1 ? { 'data-one': true } : {})}>
        {answers.map((a) => (
          <section key={a.role} data-role={a.role} {...(good(a) ? {} : { 'data-bad': true })} aria-label={t(`review.pair.${a.role}`)}>
            <h3>{good(a) ? <IconThumbUp size={14} aria-hidden /> : <IconThumbDown size={14} aria-hidden />}{a.role === 'completion' ? t(good(a) ? 'review.pair.up' : 'review.pair.down') : t(`review.pair.${a.role}`)}<em>{ahead(a) > 0 ? t('review.pair.longer', { tokens: tokens(a.tokens.length), n: f.number(ahead(a)) }) : tokens(a.tokens.length)}</em></h3>
            <div className="mask-box" tabIndex={0} role="group" aria-label={t('review.pair.label', { trained: f.number(a.trained), cut: f.number(a.cut) })}><MaskTokens tokens={a.tokens} titles={titles} more={more} /></div>
          </section>
        ))}
      </div>
    </>
  );
}
