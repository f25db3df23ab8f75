/** What the demo found: the answer as a sentence, then its numbers with intervals, then rows to look at. */
import { useTranslation } from 'react-i18next';
import type { Demo } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { useCheckpoints, useRun } from '../../state/entities.ts';
import { Button, Card, LinkButton } from '../../ui/index.ts';
import { DemoAlignmentResult } from './demo-alignment.tsx';
import { DemoExamples } from './demo-examples.tsx';
import { ALL_TASKS, pText, verdict } from './demo-verdict.ts';
import { IntervalPicture } from './interval-picture.tsx';

export function DemoResult({ demo, onStart, starting }: { demo: Demo; onStart: () => void; starting: boolean }) {
  const { t } = useTranslation('home'), f = useFormat(), run = useRun(demo.run_id), checkpoints = useCheckpoints(demo.run_id ?? ''), checkpoint = checkpoints[0];
  const all = demo.scores.find((s) => s.task === ALL_TASKS), { difference } = demo;
  const points = (n: number): string => f.number(n * 100, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  const share = (n: number): string => f.percent(n, 1);
  return (
    <>
      <Card title={t('result.title')} right={<>{demo.ended_at !== null && <span className="ellipsis">{t('result.took', { time: f.duration((demo.ended_at - demo.started_at) / 1000) })}</span>}<Button size="s" busy={starting} onClick={onStart}>{t('result.again')}</Button></>}
        footer={run && <><LinkButton size="s" href={routes.run(run.id)}>{t('result.openRun')}</LinkButton>{checkpoint && <LinkButton size="s" href={routes.compare([run.model_id, `${run.model_id}:${checkpoint.id}`])}>{t('result.compare')}</LinkButton>}</>}>
        {all && difference && (
          <div className="body">
            <p className="answer">{t(`result.${verdict(difference)}`, { base: share(all.base), tuned: share(all.tuned) })}</p>
            <p className="muted small">{t('result.detail', { mean: points(difference.mean), low: points(difference.low), high: points(difference.high), p: pText(difference.p, f.number), n: f.number(all.n) })}</p>
          </div>
        )}
        <table className="plain scores">
          <caption className="visually-hidden">{t('result.caption')}</caption>
          <thead><tr><th scope="col">{t('result.task')}</th><th scope="col" className="num">{t('result.rows')}</th><th scope="col" className="num">{t('result.base')}</th><th scope="col" className="num">{t('result.tuned')}</th><th scope="col" className="pic">{t('result.picture')}</th></tr></thead>
          <tbody>
            {demo.scores.map((s) => (
              <tr key={s.task} {...(s.task === ALL_TASKS ? { 'data-all': true } : {})}>
                <th scope="row">{s.task === ALL_TASKS ? t('result.all') : s.task.replaceAll('_', ' ')}</th>
                <td className="num">{f.number(s.n)}</td>
                <td className="num">{share(s.base)}<span className="ci">{t('result.interval', { low: share(s.base_low), high: share(s.base_high) })}</span></td>
                <td className="num">{share(s.tuned)}<span className="ci">{t('result.interval', { low: share(s.tuned_low), high: share(s.tuned_high) })}</span></td>
                <td className="pic"><IntervalPicture before={{ value: s.base, low: s.base_low, high: s.base_high }} after={{ value: s.tuned, low: s.tuned_low, high: s.tuned_high }} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      {demo.alignment && <DemoAlignmentResult alignment={demo.alignment} />}
      {demo.examples.length > 0 && <DemoExamples examples={demo.examples} />}
    </>
  );
}
