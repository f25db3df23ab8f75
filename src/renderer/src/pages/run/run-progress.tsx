/** How far, how fast, how long still: each number measured; "measuring" until there is one. */
import { Trans, useTranslation } from 'react-i18next';
import type { ParseKeys } from 'i18next';
import type { Run } from '../../../../shared/schema/entities.ts';
import { PROVIDER_NAMES } from '../../../../shared/schema/device.ts';
import { deviceWhy } from '../../i18n/sentences.ts';
import { useFormat } from '../../i18n/format.ts';
import { Progress } from '../../ui/index.ts';
import { isLive, isOver, progressOf } from '../../state/run-state.ts';

export function RunProgress({ run }: { run: Run }) {
  const { t } = useTranslation('run'), f = useFormat();
  const speed = run.last['tokens_per_second'];
  const part = (key: ParseKeys<'run'>, values: Record<string, string>) => <span><Trans t={t} i18nKey={key} values={values} components={{ b: <b /> }} /></span>;
  return (
    <div className="prog">
      <Progress value={progressOf(run)} label={t('progress.label', { step: f.number(run.step), total: f.number(run.total_steps) })} />
      <div className="stats">
        {run.total_steps > 0 && part('progress.step', { step: f.number(run.step), total: f.number(run.total_steps) })}
        {speed !== undefined && isLive(run.status) && part('progress.speed', { n: f.number(speed, { maximumFractionDigits: 0 }) })}
        {run.epoch > 0 && part('progress.epoch', { n: f.number(run.epoch, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) })}
        {isOver(run.status) && run.tokens > 0 && part('progress.tokens', { n: f.count(run.tokens) })}
        {run.device !== undefined && <span title={deviceWhy(run.device.why)}>{part('progress.device', { device: `${PROVIDER_NAMES[run.device.id]}${run.device.precision === 'fp16' ? ', float16' : ''}` })}</span>}
        {run.attempt > 1 && part('progress.attempt', { n: String(run.attempt) })}
        {isOver(run.status) || run.status === 'paused' ? run.seconds > 0 && part('progress.took', { time: f.duration(run.seconds) })
          : run.seconds_left !== null ? part('progress.left', { time: f.duration(run.seconds_left) })
            : isLive(run.status) && <span>{t('progress.measuring')}</span>}
      </div>
    </div>
  );
}
