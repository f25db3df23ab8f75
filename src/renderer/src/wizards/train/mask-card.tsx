/** What the model will see: one row at a time, walked by buttons or arrows, through all rows or only those that are cut. */
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Review } from '../../../../shared/schema/review.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, Dot, ErrorNote, Skeleton } from '../../ui/index.ts';
import { MaskTokens } from './mask-tokens.tsx';
import { PairMask } from './pair-mask.tsx';
import { sentence } from '../../i18n/sentences.ts';

export function MaskCard({ recipe, recipeKey, review, index, onIndex, onlyCut, onAll }: { recipe: Record<string, unknown>; recipeKey: string; review: Review; index: number; onIndex: (index: number) => void; onlyCut: boolean; onAll: () => void }) {
  const { t } = useTranslation('train'), f = useFormat();
  const first = review.first;
  const { data, error, reload } = useCall((signal) => api.recipes.row({ recipe, index }, { signal }), index === first.index ? null : `${recipeKey}|${index}`, { keep: true });
  const row = index === first.index ? first : data, total = review.stats.rows;
  const cut = review.stats.truncated_rows, at = cut.indexOf(index);
  const step = (by: 1 | -1) => () => { onIndex(onlyCut ? cut[(at + by + cut.length) % cut.length] ?? index : (index + by + total) % total); };
  const titles = { context: t('review.see.context'), trained: t('review.see.trained'), special: t('review.see.special'), stop: t('review.see.stop'), cut: t('review.see.cut') };
  const more = (n: number): string => t('review.see.more', { count: n, n: f.number(n) });
  const count = (n: number): string => t('review.see.tokens', { count: n, n: f.number(n) });
  return (
    <Card title={t('review.see.title')} right={
      <>
        <span aria-live="polite">{onlyCut ? t('review.see.cutRow', { k: f.number(at + 1), of: f.number(cut.length), n: f.number(index + 1) }) : t('review.see.row', { n: f.number(index + 1), total: f.number(total) })}</span>
        <span className="wz-steps-row">
          <Button size="s" kind="quiet" label={t('review.see.previous')} icon={<IconChevronLeft size={15} />} disabled={total < 2} onClick={step(-1)} />
          <Button size="s" kind="quiet" label={t('review.see.next')} icon={<IconChevronRight size={15} />} disabled={total < 2} onClick={step(1)} />
          {onlyCut ? <Button size="s" kind="quiet" onClick={onAll}>{t('review.see.all')}</Button> : (
            <>
              <Button size="s" kind="quiet" onClick={() => { onIndex(review.stats.longest_index); }}>{t('review.see.longest')}</Button>
              <Button size="s" kind="quiet" disabled={total < 2} onClick={() => { onIndex(other(index, total)); }}>{t('review.see.random')}</Button>
            </>
          )}
        </span>
      </>
    }>
      {error !== null && error !== undefined ? <ErrorNote error={error} retry={reload} /> : row === undefined ? <div className="body stack"><Skeleton width="70%" /><Skeleton width="45%" /></div> : (
        <>
          <div onKeyDown={(e) => { if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') { e.preventDefault(); step(e.key === 'ArrowLeft' ? -1 : 1)(); } }}>
            {row.answers === undefined ? <div className="mask-box" tabIndex={0} role="group" aria-label={t('review.see.label', { n: f.number(row.index + 1), trained: f.number(row.trained), seen: f.number(row.context), cut: f.number(row.cut) })}><MaskTokens tokens={row.tokens} titles={titles} more={more} /></div>
              : row.answers.length === 0 ? <p className="mask-box muted small">{t('review.pair.unreadable')}</p> : <PairMask row={row} answers={row.answers} titles={titles} more={more} />}
          </div>
          {row.answers?.length !== 0 && (row.warnings.length > 0 || !row.has_stop) && <div className="mask-warn">{!row.has_stop && <p><Dot tone="warn" />{t('review.see.noStop')}</p>}{row.warnings.map((w) => <p key={w}><Dot tone="warn" />{sentence(w)}</p>)}</div>}
          <div className="mask-legend">
            <span><span className="mask"><span data-kind="trained">{t('review.see.trained')}</span></span> {count(row.trained)}</span>
            {row.has_stop && <span><span className="mask"><span data-kind="stop">{t('review.see.stop')}</span></span> {t('review.see.stopTrained')}</span>}
            <span><span className="mask"><span data-kind="context">{t('review.see.context')}</span> <span data-kind="special">{t('review.see.special')}</span></span> {t('review.see.notTrained', { count: row.context, n: f.number(row.context) })}</span>
            {row.cut > 0 && <span><span className="mask"><span data-kind="cut">{t('review.see.cut')}</span></span> {count(row.cut)}</span>}
          </div>
        </>
      )}
    </Card>
  );
}

/** Any row but this one. */
const other = (index: number, total: number): number => (index + 1 + Math.floor(Math.random() * (total - 1))) % total;
