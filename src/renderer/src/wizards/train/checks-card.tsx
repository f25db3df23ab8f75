/** The checks over all rows, the row lengths, and what refuses the start. */
import { useTranslation } from 'react-i18next';
import type { Review } from '../../../../shared/schema/review.ts';
import { useFormat } from '../../i18n/format.ts';
import { Button, Card, Dot } from '../../ui/index.ts';
import { checksOf, preferenceChecks } from './review-checks.ts';
import type { Check } from './review-checks.ts';
import { sentence } from '../../i18n/sentences.ts';

export function ChecksCard({ review, onCut }: { review: Review; onCut: () => void }) {
  const { t } = useTranslation('train'), f = useFormat();
  const s = review.stats, p = s.preference, n = (x: number): string => f.number(x);
  const side = (c: Check) => {
    switch (c.id) {
      case 'pairs': return p === undefined ? '' : t('review.checks.medians', { chosen: n(p.chosen_median), rejected: n(p.rejected_median) });
      case 'labels': return p === undefined ? '' : t('review.checks.labels', { good: n(p.desirable), bad: n(p.undesirable) });
      case 'identical': case 'tooLong': return c.level === 'good' ? '' : f.percent(c.count / Math.max(1, s.rows), 1);
      case 'length': return p?.chosen_longer === undefined || p.chosen_longer === null ? '' : t('review.checks.longerShare', { share: f.percent(p.chosen_longer) });
      case 'trained': return c.level === 'good' ? t('review.checks.median', { trained: n(s.median_trained), tokens: n(s.median_tokens) }) : f.percent(s.zero_trained / Math.max(1, s.rows), 1);
      case 'stop': return t('review.checks.of', { n: n(s.rows - s.without_stop), total: n(s.rows) });
      case 'cut': return c.level === 'good' ? t('review.checks.longest', { count: s.longest, n: n(s.longest) }) : <>{f.percent(s.truncated / Math.max(1, s.rows), 1)}<Button size="s" kind="quiet" onClick={onCut}>{t('review.checks.openCut')}</Button></>;
      case 'overlap': return c.key === 'noEval' ? '' : t('review.checks.exact');
      case 'merges': return f.percent(s.boundary_merges / Math.max(1, s.rows), 1);
      case 'template': return s.template;
    }
  };
  const most = Math.max(1, ...s.histogram.map((h) => h.rows));
  const extra = review.issues.filter((i) => (i.level === 'stop' && i.code !== 'one-class') || !SHOWN.has(i.code));
  return (
    <Card title={t('review.checks.title')} right={t('review.checks.rows', { count: s.rows, n: n(s.rows) })}>
      <ul>
        {[...preferenceChecks(review), ...checksOf(review).filter((c) => p === undefined || c.id !== 'trained' || c.key === 'zeroAll')].map((c) => <li className="item wz-check" key={c.id}><Dot tone={c.level} label={t(`review.checks.level.${c.level}`)} /><span>{t(`review.checks.${c.key}`, { count: c.count, n: n(c.count), length: n(review.recipe.train.max_length) })}</span><span className="muted end">{side(c)}</span></li>)}
        {extra.map((i) => <li className="item wz-check" key={`${i.path}${i.message}`}><Dot tone={i.level === 'stop' ? 'bad' : 'warn'} label={t(`review.checks.level.${i.level === 'stop' ? 'bad' : 'warn'}`)} /><span>{sentence(i.message)}</span><code className="faint end">{i.path}</code></li>)}
      </ul>
      {s.histogram.length > 1 && (
        <div className="wz-hist"><span className="muted">{t('review.histogram')}</span>
          <div role="list" aria-label={t('review.histogram')}>{s.histogram.map((h) => <div role="listitem" key={h.upto} title={t('review.histogramLabel', { rows: n(h.rows), upto: n(h.upto) })} aria-label={t('review.histogramLabel', { rows: n(h.rows), upto: n(h.upto) })}><b><i style={{ height: `${(h.rows / most) * 100}%` }} data-over={h.upto > review.recipe.train.max_length ? true : undefined} /></b><small>{f.count(h.upto)}</small></div>)}</div>
        </div>
      )}
    </Card>
  );
}
/** Issues that a check above already tells, with its number. */
const SHOWN: ReadonlySet<string> = new Set(['truncated', 'without-stop', 'overlap', 'zero-trained', 'no-eval', 'boundary-merges', 'row-zero-trained', 'boundary-merge', 'identical-pair', 'length-bias', 'label-balance', 'one-class', 'too-long']);
