/** The report card of a reward run: may a policy be trained against it, how often it is right, how sure, and what besides worth it looks at. */
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../../shared/schema/entities.ts';
import type { GateReason, RewardCard as Record, Share } from '../../../../shared/schema/reward.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { isOver } from '../../state/run-state.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, Dot, ErrorNote, Hint, Stat } from '../../ui/index.ts';
import { CalibrationPicture, MarginPicture } from './reward-pictures.tsx';
import { RewardWorst } from './reward-worst.tsx';
import './reward.css';

export function RewardCard({ run }: { run: Run }) {
  return run.method === 'reward' && isOver(run.status) ? <Loaded run={run} /> : null;
}

function Loaded({ run }: { run: Run }) {
  const { t } = useTranslation('reward'), f = useFormat();
  const { data, error, reload } = useCall((signal) => api.rewards.card({ id: run.id }, { signal }), `${run.id}|${run.reward_card ?? ''}`, { keep: true });
  const { share, failed, make } = useMeasure(run.id, reload);
  const button = run.eval_dataset_id !== null && run.durable_step > 0 && <Button size="s" busy={share !== null} onClick={make}>{share !== null ? t('making', { share: f.percent(share) }) : data ? t('again') : t('make')}</Button>;
  if (error !== null && data === undefined) return <Card title={t('title')}><ErrorNote error={error} /></Card>;
  return (
    <>
      <Card title={t('title')} right={<>{data && <span className="ellipsis">{t('of', { step: f.number(data.step), n: f.number(data.report.pairs), data: data.dataset_name })}</span>}{button}</>}>
        {failed !== null && <ErrorNote error={failed} />}
        {data ? <Report card={data} /> : data === null && <p className="run-note">{run.eval_dataset_id === null ? t('noData') : t('none')}</p>}
      </Card>
      {data && <RewardWorst worst={data.report.worst} />}
    </>
  );
}

function useMeasure(id: string, done: () => void): { share: number | null; failed: unknown; make: () => void } {
  const [share, setShare] = useState<number | null>(null), [failed, setFailed] = useState<unknown>(null), busy = useRef(false);
  const make = (): void => {
    if (busy.current) return;
    busy.current = true;
    setFailed(null);
    setShare(0);
    (async () => { for await (const item of api.rewards.measure({ id })) setShare(item.progress); })().then(done, setFailed).finally(() => { busy.current = false; setShare(null); });
  };
  return { share, failed, make };
}

function Report({ card: { report: r } }: { card: Record }) {
  const { t } = useTranslation('reward'), f = useFormat();
  const share = (s: Share): string => f.percent(s.value, 1), interval = (s: Share): string => t('interval', { low: f.percent(s.low, 1), high: f.percent(s.high, 1) });
  const corr = (x: number | null): string => (x === null ? '–' : f.number(x, { minimumFractionDigits: 2, maximumFractionDigits: 2 })), pass = r.gate.verdict === 'pass';
  const lengthHint = t('lengthHint', { limit: f.number(0.7) });
  return (
    <>
      <div className="reward-verdict"><Dot tone={pass ? 'good' : 'warn'} /><div><p>{pass ? t('pass', { value: share(r.accuracy) }) : t('refuse')}</p>{r.gate.reasons.map((x) => <p className="muted small" key={x.reason}><Reason reason={x} /></p>)}{r.left_out > 0 && <p className="faint small">{t('left', { n: f.number(r.left_out) })}</p>}</div></div>
      <div className="reward-stats">
        <Named label={t('accuracy')} hint={t('accuracyHint')} value={share(r.accuracy)} detail={interval(r.accuracy)} />
        {r.length.matched !== null && <Named label={t('matched')} hint={t('matchedHint')} value={share(r.length.matched)} detail={`${interval(r.length.matched)}, ${t('counted', { k: f.number(r.length.matched.k), n: f.number(r.length.matched.n) })}`} />}
        <Named label={t('ece')} hint={t('eceHint')} value={f.number(r.calibration.ece, { minimumFractionDigits: 3, maximumFractionDigits: 3 })} />
        <Named label={t('lengthScore')} hint={lengthHint} value={corr(r.length.score_spearman)} detail={t('pearson', { r: corr(r.length.score_pearson) })} />
        <Named label={t('lengthMargin')} hint={lengthHint} value={corr(r.length.margin_spearman)} detail={t('pearson', { r: corr(r.length.margin_pearson) })} />
        {r.ratings !== null && <Named label={t('ratings')} hint={t('ratingsHint', { n: f.number(r.ratings.pairs) })} value={corr(r.ratings.spearman)} detail={r.ratings.agreement === null ? undefined : t('agree', { value: share(r.ratings.agreement) })} />}
      </div>
      <div className="reward-pictures">
        <figure><figcaption>{t('margins')}<Hint text={t('marginsHint')} label={t('margins')} /></figcaption><MarginPicture histogram={r.histogram} /></figure>
        <figure><figcaption>{t('calibration')}<Hint text={t('calibrationHint')} label={t('calibration')} /></figcaption><CalibrationPicture bins={r.calibration.bins} /></figure>
      </div>
      <table className="plain">
        <caption className="visually-hidden">{t('form')}</caption>
        <thead><tr><th scope="col">{t('form')}<Hint text={t('formHint')} label={t('form')} /></th><th scope="col" className="num">{t('pairs')}</th><th scope="col" className="num">{t('chosenHas')}</th><th scope="col" className="num">{t('wins')}</th><th scope="col" className="num">{t('right')}</th></tr></thead>
        <tbody>
          {r.length.longer_chosen !== null && r.length.longer_wins !== null && <tr><th scope="row">{t('longer')}</th><td className="num">{f.number(r.length.longer_chosen.n)}</td><td className="num">{share(r.length.longer_chosen)}</td><td className="num">{share(r.length.longer_wins)}</td><td className="num">–</td></tr>}
          {r.format.map((x) => <tr key={x.trait}><th scope="row">{t(`traits.${x.trait}`)}</th><td className="num">{f.number(x.pairs)}</td><td className="num">{share(x.chosen_has)}</td><td className="num">{share(x.wins)}</td><td className="num">{share(x.accuracy)}</td></tr>)}
        </tbody>
      </table>
    </>
  );
}

function Named({ label, hint, value, detail }: { label: string; hint: string; value: string; detail?: string | undefined }) {
  return <Stat label={<>{label}<Hint text={hint} label={label} /></>} value={value} {...(detail === undefined ? {} : { detail })} />;
}

const SHARES = new Set(['accuracy', 'low', 'high']);
function Reason({ reason: { reason, values } }: { reason: GateReason }) {
  const { t } = useTranslation('reward'), f = useFormat();
  const words = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, SHARES.has(k) ? f.percent(v, 1) : f.number(v, { maximumFractionDigits: 2 })]));
  return <>{t(`reason.${reason}`, words as never)}</>;
}
