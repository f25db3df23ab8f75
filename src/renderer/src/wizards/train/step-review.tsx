/** Last step: what the model will see, checks over all rows, what will really run, memory and time. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { Card, ErrorNote, Progress, Skeleton } from '../../ui/index.ts';
import { ChecksCard } from './checks-card.tsx';
import { MaskCard } from './mask-card.tsx';
import { MemoryCard } from './memory-card.tsx';
import { TimeCard, WillRunCard } from './run-cards.tsx';
import { refusal } from './review-checks.ts';
import type { Review } from '../../../../shared/schema/review.ts';
import type { useReview } from './use-review.ts';
import { sentence } from '../../i18n/sentences.ts';

export function StepReview({ recipe, recipeKey, state }: { recipe: Record<string, unknown>; recipeKey: string; state: ReturnType<typeof useReview> }) {
  const { t } = useTranslation('train'), f = useFormat();
  const { review, progress, error } = state;
  const [index, setIndex] = useState<number | null>(null), [onlyCut, setOnlyCut] = useState(false);
  if (error !== null) return <ErrorNote error={error} retry={state.again} />;
  const stop = review && (refused(review) ?? (review.stats.trained_tokens === 0 ? t('review.checks.zeroAll') : null));
  return (
    <div className="wz-two">
      <div className="stack">
        {stop !== null && <ErrorNote error={{ code: 'no-trainable-tokens', message: t('review.blocked', { message: stop }) }} />}
        {review ? <MaskCard recipe={recipe} recipeKey={recipeKey} review={review} index={index ?? review.first.index} onIndex={setIndex} onlyCut={onlyCut} onAll={() => { setOnlyCut(false); }} /> : <Card title={t('review.see.title')}><div className="body stack"><Skeleton width="30%" /><Skeleton width="80%" /><Skeleton width="55%" /><Skeleton width="70%" /></div></Card>}
        {review ? <ChecksCard review={review} onCut={() => { setOnlyCut(true); setIndex(review.stats.truncated_rows[0] ?? null); }} /> : <Card title={t('review.checks.title')} right={t('review.checks.reading', { percent: f.percent(progress) })}><div className="body stack"><Progress value={progress} label={t('review.checks.reading', { percent: f.percent(progress) })} />{[1, 2, 3, 4].map((i) => <Skeleton key={i} height={20} />)}</div></Card>}
      </div>
      <div className="stack">
        {review ? <><WillRunCard review={review} /><MemoryCard plan={review.plan} /></> : <><Card title={t('review.run.title')}><div className="body stack">{[1, 2, 3, 4, 5, 6].map((i) => <Skeleton key={i} />)}</div></Card><Card title={t('review.memory.title')}><div className="body stack"><Skeleton height={14} /><Skeleton width="60%" /></div></Card></>}
        <TimeCard review={review} state={state} measure={state.measure} />
      </div>
    </div>
  );
}

function refused(review: Review): string | null { const issue = refusal(review); return issue === null ? null : sentence(issue.message); }
