/** A run that ended badly: what happened, what was kept, what to do. */
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Run } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { Button, ErrorNote, toast } from '../../ui/index.ts';
import { canDo } from '../../state/run-state.ts';

export function RunError({ run }: { run: Run }) {
  const { t } = useTranslation('run'), f = useFormat();
  const [, go] = useLocation();
  if (run.status !== 'failed' && run.status !== 'interrupted' && run.error === null) return null;
  const lost = run.step - run.durable_step;
  const kept = `${run.durable_step > 0 ? t('error.kept', { step: f.number(run.durable_step) }) : t('error.keptNone')}${run.durable_step > 0 && lost > 0 ? ` ${t('error.lost', { count: lost, n: f.number(lost) })}` : ''}`;
  // An error with a known code says itself what to do.
  const advice = run.error !== null ? '' : run.durable_step > 0 ? t('error.doResume', { step: f.number(run.durable_step) }) : t('error.doRestart');
  const error = run.error ?? { code: 'engine-crashed' as const, message: run.note ?? t(run.status === 'interrupted' ? 'error.interrupted' : 'error.failed', { step: f.number(run.step) }) };
  return (
    <ErrorNote error={error} level={run.status === 'failed' ? 'error' : 'warn'} kept={advice === '' ? kept : `${kept} ${advice}`} diagnostics={async () => (await api.system.diagnostics()).text}
      actions={<>{canDo('resume', run) && <Button size="s" onClick={() => { api.runs.resume({ id: run.id }).catch((e: unknown) => { toast.error(e); }); }}>{t('action.resume')}</Button>}<Button size="s" onClick={() => { go(`/train?clone=${encodeURIComponent(run.id)}`); }}>{t('action.clone')}</Button></>} />
  );
}
