/** The memory of a run, an estimate that says so: of the computer, and of the graphics card where the run is on one; what was done to fit, or what would help. */
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { CardPlan, MemoryPlan } from '../../../../shared/schema/review.ts';
import { sentence } from '../../i18n/sentences.ts';
import { useFormat } from '../../i18n/format.ts';
import { Card, Dot } from '../../ui/index.ts';
import { cardWords } from './card-words.ts';

type Part = readonly [label: string, tone: string, bytes: number];
const PARTS = [['weights', 'steel'], ['prepacked', 'muted'], ['activations', 'ember'], ['gradients', 'violet'], ['optimizer', 'good'], ['evaluation', 'steel'], ['generation', 'ember'], ['reference', 'violet'], ['runtime', 'faint']] as const;
const CARD_PARTS = [['weights', 'steel'], ['activations', 'ember'], ['values', 'violet'], ['evaluation', 'steel'], ['generation', 'ember'], ['reference', 'violet']] as const;
/** There only in runs that need it. */
const SOMETIMES: readonly string[] = ['evaluation', 'generation', 'reference'];

export function MemoryCard({ plan }: { plan: MemoryPlan }) {
  const { t } = useTranslation('train'), f = useFormat(), { card } = plan;
  const parts = PARTS.filter(([key]) => plan[key] > 0 || (!SOMETIMES.includes(key) && card === undefined)).map(([key, tone]): Part => [t(`review.memory.${key}`), tone, plan[key]]);
  const short = card !== undefined && !card.fits, ownFits = plan.fits || (short && plan.total <= plan.budget);
  return (
    <Card title={t('review.memory.title')} right={card === undefined ? t('review.memory.estimate', { total: f.bytes(plan.total), available: f.bytes(plan.budget) }) : undefined}>
      {card !== undefined && <OnCard card={card} />}
      <div className="body">
        {card !== undefined && <h3 className="mem-where">{t('review.memory.card.computer')}<span>{t('review.memory.estimate', { total: f.bytes(plan.total), available: f.bytes(plan.budget) })}</span></h3>}
        <Stack parts={parts} total={plan.total} label={t('review.memory.label', { total: f.bytes(plan.total) })} />
        <div className="mem-verdict"><Dot tone={ownFits ? 'good' : 'bad'} />{ownFits ? t('review.memory.fits') : t('review.memory.fitsNot', { available: f.bytes(plan.budget) })}</div>
        <p className="small faint">{t('review.memory.budget', { budget: f.bytes(plan.budget), free: f.bytes(plan.available) })}</p>
        {plan.remedies.length > 0 && <ul className="mem-remedies">{plan.remedies.map((x) => <li key={x.text}>{t(x.fits ? 'review.memory.remedy' : 'review.memory.remedyNot', { change: sentence(x.text), total: f.bytes(x.total) })}</li>)}</ul>}
        {plan.fits && plan.reasons.length > 0 && <ul className="mem-remedies" aria-label={t('review.memory.reasons')}>{plan.reasons.filter((_, i) => card === undefined || i > 0).map((x) => <li key={x}>{sentence(x)}</li>)}</ul>}
      </div>
    </Card>
  );
}

/** Its first reason is told here in numbers, so that the list leaves it out. */
function OnCard({ card }: { card: CardPlan }) {
  const { t } = useTranslation('train'), f = useFormat(), { budget, memory } = card;
  const total = f.bytes(card.total), known = budget === null ? null : f.bytes(budget);
  const parts = CARD_PARTS.filter(([key]) => card[key] > 0).map(([key, tone]): Part => [key === 'values' ? t(card.resident ? 'review.memory.card.resident' : 'review.memory.card.values') : t(`review.memory.${key}`), tone, card[key]]);
  return (
    <div className="body mem-card">
      <h3 className="mem-where">{t('review.memory.card.title')}<span>{known === null ? t('review.memory.card.needsOnly', { total }) : t('review.memory.card.needs', { total, budget: known })}</span></h3>
      <Stack parts={parts} total={card.total} label={t('review.memory.card.label', { total })} />
      <div className="mem-verdict"><Dot tone={known === null ? 'warn' : card.fits ? 'good' : 'bad'} />{known === null ? t('review.memory.card.unknown') : card.fits ? t('review.memory.card.fits') : t('review.memory.card.fitsNot', { budget: known })}</div>
      <p className="small faint">{known === null ? <Link href="/settings">{t('review.memory.card.set')}</Link> : cardWords(memory, t, f)}</p>
    </div>
  );
}

function Stack({ parts, total, label }: { parts: readonly Part[]; total: number; label: string }) {
  const f = useFormat(), whole = Math.max(total, 1);
  return (
    <>
      <div className="mem-stack" role="img" aria-label={label}>{parts.map(([name, tone, bytes]) => <i key={name} data-part={tone} style={{ width: `${(bytes / whole) * 100}%` }} />)}</div>
      <dl className="mem-legend">{parts.map(([name, tone, bytes]) => <div key={name} data-zero={bytes === 0 ? true : undefined}><dt><i data-part={tone} />{name}</dt><dd>{f.bytes(bytes)}</dd></div>)}</dl>
    </>
  );
}
