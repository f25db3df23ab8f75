/** The pairs that a reward model gets most wrong, to read. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RewardReport } from '../../../../shared/schema/reward.ts';
import { useFormat } from '../../i18n/format.ts';
import { Button, Card, TextView } from '../../ui/index.ts';

const SHOWN = 3;

export function RewardWorst({ worst }: { worst: RewardReport['worst'] }) {
  const { t } = useTranslation('reward'), f = useFormat(), [all, setAll] = useState(false);
  const rest = worst.length - SHOWN, number = (x: number): string => f.number(x, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
  return (
    <Card title={t('worst')} footer={!all && rest > 0 && <Button size="s" kind="quiet" onClick={() => { setAll(true); }}>{t('more', { n: f.number(rest) })}</Button>}>
      {worst.length === 0 && <p className="run-note">{t('worstNone')}</p>}
      {(all ? worst : worst.slice(0, SHOWN)).map((w) => (
        <article className="reward-worst" key={w.index}>
          <p className="muted"><span className="tiny faint">{t('row', { n: f.number(w.index + 1) })}</span> <TextView text={w.prompt} /></p>
          <div><h3>{t('chosen')} <small>{t('score', { score: number(w.chosen_score), n: f.number(w.chosen_tokens) })}</small></h3><TextView text={w.chosen} /></div>
          <div><h3>{t('rejected')} <small>{t('score', { score: number(w.rejected_score), n: f.number(w.rejected_tokens) })}</small></h3><TextView text={w.rejected} /></div>
        </article>
      ))}
    </Card>
  );
}
