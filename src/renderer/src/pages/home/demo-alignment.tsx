/** What alignment made of the fine-tuned model: ranking of held-out pairs, answers before a judge of rules, and what is left of the exact match. */
import { useTranslation } from 'react-i18next';
import type { DemoAlignment } from '../../../../shared/schema/demo-alignment.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { useCheckpoints, useRun } from '../../state/entities.ts';
import { Card, Hint, LinkButton, Stat, TextView } from '../../ui/index.ts';
import { ALL_TASKS } from './demo-verdict.ts';
import { IntervalPicture } from './interval-picture.tsx';

type Share = DemoAlignment['categories'][number]['win_rate'];

export function DemoAlignmentResult({ alignment }: { alignment: DemoAlignment }) {
  const { t } = useTranslation('home'), f = useFormat(), run = useRun(alignment.run_id), checkpoint = useCheckpoints(alignment.run_id)[0], start = run?.recipe.checkpoint;
  const all = alignment.categories.find((c) => c.task === ALL_TASKS), { exact_match: exact, exact_match_change: change } = alignment;
  const percent = (n: number): string => f.percent(n, 1);
  const points = (n: number): string => f.number(n * 100, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  const cell = (s: Share) => <td className="num two">{percent(s.value)}<span className="ci">{t('result.interval', { low: percent(s.low), high: percent(s.high) })}</span></td>;
  const side = (label: string, text: string) => <div><div className="lab">{label}</div><div className="mono">{text.trim() === '' ? <span className="faint">{t('result.empty')}</span> : <TextView text={text} />}</div></div>;
  return (
    <>
      <Card title={t('alignment.title')} footer={run && <><LinkButton size="s" href={routes.run(run.id)}>{t('alignment.openRun')}</LinkButton>{checkpoint && start !== undefined && <LinkButton size="s" href={routes.compare([`${run.model_id}:${start}`, `${run.model_id}:${checkpoint.id}`])}>{t('alignment.compare')}</LinkButton>}</>}>
        {all && (
          <>
            <div className="body">
              <p className="answer">{t(`alignment.wins_${all.win_rate.low > 0.5 ? 'above' : all.win_rate.high < 0.5 ? 'below' : 'chance'}`, { value: percent(all.win_rate.value) })}</p>
              <p className="muted small">{t('alignment.winsDetail', { low: percent(all.win_rate.low), high: percent(all.win_rate.high), n: f.number(all.n) })}</p>
            </div>
            <div className="align-stats">
              <Named label={t('alignment.statRanked')} hint={t('alignment.statRankedHint')} value={percent(all.reward_accuracy.value)} detail={t('alignment.statRankedDetail', { low: percent(all.reward_accuracy.low), high: percent(all.reward_accuracy.high) })} />
              <Named label={t('alignment.statLikely')} hint={t('alignment.statLikelyHint')} value={percent(all.likelihood_after.value)} detail={t('alignment.statLikelyDetail', { before: percent(all.likelihood_before.value) })} />
              <Named label={t('alignment.statExact')} hint={t('alignment.statExactHint', { n: f.number(exact.n), value: percent(exact.value), valueLow: percent(exact.low), valueHigh: percent(exact.high) })} value={percent(exact.value)} detail={t('alignment.statExactDetail', { mean: points(change.mean), low: points(change.low), high: points(change.high) })} />
            </div>
          </>
        )}
        <table className="plain scores">
          <caption className="visually-hidden">{t('alignment.caption')}</caption>
          <thead><tr><th scope="col">{t('alignment.category')}</th><th scope="col" className="num">{t('alignment.pairs')}</th><th scope="col" className="num">{t('alignment.ranked')}</th><th scope="col" className="num">{t('alignment.won')}</th><th scope="col" className="num">{t('alignment.passed')}</th><th scope="col" className="pic">{t('alignment.picture')}</th></tr></thead>
          <tbody>
            {alignment.categories.map((c) => (
              <tr key={c.task} {...(c.task === ALL_TASKS ? { 'data-all': true } : {})}>
                <th scope="row">{c.task === ALL_TASKS ? t('result.all') : c.task}</th>
                <td className="num">{f.number(c.n)}</td>{cell(c.reward_accuracy)}{cell(c.win_rate)}<td className="num">{t('alignment.change', { before: percent(c.passed_before.value), after: percent(c.passed_after.value) })}</td><td className="pic"><IntervalPicture before={c.passed_before} after={c.passed_after} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      <Card title={t('alignment.examples')} right={t('alignment.examplesNote')}>
        {alignment.examples.map((e, i) => (
          <div className="example" key={`${i}${e.prompt}`}>
            <span className="muted">{e.task}</span>
            <div><div className="lab">{t('result.prompt')}</div><TextView text={e.prompt} /></div>
            {side(t('alignment.preferred'), e.expected)}{side(t('alignment.before'), e.before)}{side(t('alignment.after'), e.after)}
          </div>
        ))}
      </Card>
    </>
  );
}

function Named({ label, hint, value, detail }: { label: string; hint: string; value: string; detail: string }) {
  return <Stat label={<>{label}<Hint text={hint} label={`${label}: ${hint}`} /></>} value={value} detail={detail} />;
}
