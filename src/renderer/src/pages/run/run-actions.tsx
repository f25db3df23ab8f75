/** Pause, resume, stop and save, clone, compare: offered as the state allows, with their keys. */
import { IconCopy, IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Checkpoint, Run } from '../../../../shared/schema/entities.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { Button, ConfirmDialog, toast } from '../../ui/index.ts';
import { compareHref } from '../../compare-link.ts';
import { canDo } from '../../state/run-state.ts';
import { usePageActions } from '../../actions/index.ts';

export function RunActions({ run, best }: { run: Run; best: Checkpoint | null }) {
  const { t } = useTranslation(['run', 'common']);
  const [, go] = useLocation();
  const [busy, setBusy] = useState<'pause' | 'resume' | 'stop' | null>(null), [asking, setAsking] = useState(false);
  const act = (what: 'pause' | 'resume' | 'stop'): void => {
    if (busy !== null || !canDo(what, run)) return;
    setBusy(what);
    api.runs[what]({ id: run.id }).catch((e: unknown) => { toast.error(e); }).finally(() => { setBusy(null); });
  };
  const compare = (): void => { go(compareHref([{ modelId: run.model_id, checkpointId: null }, ...(best ? [{ modelId: best.model_id, checkpointId: best.id }] : [])])); };
  const clone = (): void => { go(routes.train({ clone: run.id })); };
  const toggle = canDo('pause', run) ? 'pause' as const : canDo('resume', run) ? 'resume' as const : null;
  const section = t('common:section.run');
  usePageActions([
    { id: 'run.toggle', label: t(toggle === 'resume' ? 'action.resume' : 'action.pause'), section, shortcut: 'Space', enabled: toggle !== null, run: () => { if (toggle !== null) act(toggle); } },
    { id: 'run.stop', label: t('action.stop'), section, enabled: canDo('stop', run), run: () => { setAsking(true); } },
    { id: 'run.compare', label: t('action.compare'), section, shortcut: 'C', enabled: run.method !== 'reward', run: compare },
    { id: 'run.clone', label: t('action.clone'), section, run: clone },
  ]);
  return (
    <>
      {run.method !== 'reward' && <Button kbd="C" onClick={compare}>{t('action.compare')}</Button>}
      <Button icon={<IconCopy size={15} stroke={1.7} />} onClick={clone}>{t('action.clone')}</Button>
      {toggle !== null && <Button kbd="Space" busy={busy === toggle} icon={toggle === 'pause' ? <IconPlayerPause size={15} stroke={1.7} /> : <IconPlayerPlay size={15} stroke={1.7} />} onClick={() => { act(toggle); }}>{t(`action.${toggle}`)}</Button>}
      {canDo('stop', run) && <Button busy={busy === 'stop'} icon={<IconPlayerStop size={15} stroke={1.7} />} onClick={() => { setAsking(true); }}>{t('action.stop')}</Button>}
      <ConfirmDialog open={asking} onClose={() => { setAsking(false); }} title={t('action.stopTitle')} confirm={t('action.stop')} onConfirm={() => { setAsking(false); act('stop'); }}><p>{t('action.stopText')}</p></ConfirmDialog>
    </>
  );
}
