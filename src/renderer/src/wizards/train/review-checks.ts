/** The checks over all rows, as facts with a judgement; the page puts them into words. Pure. */
import type { Review } from '../../../../shared/schema/review.ts';

export type CheckId = 'pairs' | 'labels' | 'identical' | 'tooLong' | 'length' | 'trained' | 'stop' | 'cut' | 'overlap' | 'merges' | 'template';
export type CheckKey = 'pairs' | 'labelsEven' | 'labelsUneven' | 'labelsOne' | 'identicalNone' | 'identicalSome' | 'tooLongSome' | 'lengthEven' | 'lengthChosen' | 'lengthRejected' | 'trainedAll' | 'zeroAll' | 'zeroSome' | 'stopAll' | 'stopSome' | 'cutNone' | 'cutSome' | 'overlapNone' | 'overlapSome' | 'noEval' | 'mergesSome' | 'template';
export interface Check { id: CheckId; level: 'good' | 'warn' | 'bad'; key: CheckKey; count: number }

/** What is particular to pairs and labelled answers. What counts as uneven is the host's judgement: it stands among the issues. */
export function preferenceChecks({ stats, issues }: Pick<Review, 'stats' | 'issues'>): Check[] {
  const p = stats.preference;
  if (p === undefined) return [];
  const said = (code: string): boolean => issues.some((i) => i.code === code), labels = p.desirable + p.undesirable;
  const out: Check[] = [];
  if (p.pairs > 0) out.push({ id: 'pairs', level: 'good', key: 'pairs', count: p.pairs });
  if (labels > 0) out.push(said('one-class') ? { id: 'labels', level: 'bad', key: 'labelsOne', count: labels } : said('label-balance') ? { id: 'labels', level: 'warn', key: 'labelsUneven', count: p.desirable } : { id: 'labels', level: 'good', key: 'labelsEven', count: p.desirable });
  if (p.pairs > 0) out.push(p.identical > 0 ? { id: 'identical', level: 'warn', key: 'identicalSome', count: p.identical } : { id: 'identical', level: 'good', key: 'identicalNone', count: 0 });
  if (p.too_long > 0) out.push({ id: 'tooLong', level: 'warn', key: 'tooLongSome', count: p.too_long });
  if (p.chosen_longer !== null) out.push(said('length-bias') ? { id: 'length', level: 'warn', key: p.chosen_longer > 0.5 ? 'lengthChosen' : 'lengthRejected', count: p.pairs } : { id: 'length', level: 'good', key: 'lengthEven', count: p.pairs });
  return out;
}

export function checksOf({ stats: s }: Pick<Review, 'stats'>): Check[] {
  const zero: Check = s.trained_tokens === 0 ? { id: 'trained', level: 'bad', key: 'zeroAll', count: s.rows }
    : s.zero_trained > 0 ? { id: 'trained', level: 'warn', key: 'zeroSome', count: s.zero_trained } : { id: 'trained', level: 'good', key: 'trainedAll', count: s.rows };
  const stop: Check = s.without_stop > 0 ? { id: 'stop', level: 'warn', key: 'stopSome', count: s.without_stop } : { id: 'stop', level: 'good', key: 'stopAll', count: s.rows };
  const cut: Check = s.truncated > 0 ? { id: 'cut', level: 'warn', key: 'cutSome', count: s.truncated } : { id: 'cut', level: 'good', key: 'cutNone', count: 0 };
  const overlap: Check = s.overlap === null ? { id: 'overlap', level: 'warn', key: 'noEval', count: 0 } : s.overlap > 0 ? { id: 'overlap', level: 'warn', key: 'overlapSome', count: s.overlap } : { id: 'overlap', level: 'good', key: 'overlapNone', count: 0 };
  const merges: Check[] = s.boundary_merges > 0 ? [{ id: 'merges', level: 'warn', key: 'mergesSome', count: s.boundary_merges }] : [];
  return [zero, stop, cut, overlap, ...merges, { id: 'template', level: 'good', key: 'template', count: s.rows }];
}

/** The start is refused while nothing would be trained, or while the host names a stopping issue. */
export const refusal = (r: Review): Review['issues'][number] | null => r.issues.find((i) => i.level === 'stop') ?? null;
export const mayStart = (r: Review | null): boolean => r !== null && r.stats.trained_tokens > 0 && refusal(r) === null;
