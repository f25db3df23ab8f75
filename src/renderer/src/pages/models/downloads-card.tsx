/** Downloads under way and just ended: how far, how fast, how long still; pause, resume, cancel. */
import { IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Download } from '../../../../shared/schema/hub.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useModel } from '../../state/entities.ts';
import { Button, Card, ConfirmDialog, ErrorNote, LinkButton, Pill, Progress, toast } from '../../ui/index.ts';
import type { Tone } from '../../ui/index.ts';

const TONE: Partial<Record<Download['status'], Tone>> = { running: 'ember', importing: 'ember', paused: 'warn', failed: 'bad', done: 'good' };

export function DownloadsCard({ downloads }: { downloads: readonly Download[] }) {
  const { t } = useTranslation('models');
  return <Card title={t('download.list')}><ul>{downloads.map((d) => <li key={d.id} className="dl-item"><Item download={d} /></li>)}</ul></Card>;
}

function Item({ download: d }: { download: Download }) {
  const { t } = useTranslation(['models', 'common']), f = useFormat(), model = useModel(d.model_id), [busy, setBusy] = useState(false), [asking, setAsking] = useState(false);
  const act = (what: 'pause' | 'resume' | 'cancel'): void => { setBusy(true); api.hub[what]({ id: d.id }).catch(toast.error).finally(() => { setBusy(false); }); };
  const open = d.status === 'queued' || d.status === 'running' || d.status === 'paused' || d.status === 'failed';
  return (
    <>
      <div className="dl-head"><b className="ellipsis">{d.name}</b><Pill tone={TONE[d.status]}>{t(`models:download.status.${d.status}`)}</Pill><span className="muted ellipsis">{d.model}{d.revision === 'main' ? '' : `@${d.revision}`}</span><span className="muted">{d.license ?? ''}</span>
        <span className="end line">
          {(d.status === 'running' || d.status === 'queued') && <Button size="s" busy={busy} icon={<IconPlayerPause size={14} />} onClick={() => { act('pause'); }}>{t('models:download.pause')}</Button>}
          {(d.status === 'paused' || d.status === 'failed') && <Button size="s" busy={busy} icon={<IconPlayerPlay size={14} />} onClick={() => { act('resume'); }}>{t('models:download.resume')}</Button>}
          {open && <Button size="s" kind="quiet" icon={<IconX size={14} />} onClick={() => { setAsking(true); }}>{t('models:download.cancel')}</Button>}
          {model && <LinkButton size="s" href={routes.model(model.id)}>{t('models:download.open')}</LinkButton>}
        </span></div>
      {d.status !== 'done' && d.status !== 'cancelled' && <Progress value={d.bytes === 0 ? 0 : d.bytes_done / d.bytes} label={d.name} />}
      <div className="stats">
        <span>{t('models:download.progress', { done: f.bytes(d.bytes_done), total: f.bytes(d.bytes) })}</span>
        {d.status === 'running' && d.bytes_per_second !== null && <span>{t('models:download.speed', { speed: f.bytes(d.bytes_per_second) })}</span>}
        {d.status === 'running' && d.seconds_left !== null && <span>{t('models:download.left', { time: f.duration(d.seconds_left) })}</span>}
        <span>{t('models:download.filesDone', { done: f.number(d.files_done), total: f.number(d.files) })}</span>
        {d.file !== null && <span className="mono ellipsis">{d.file}</span>}
      </div>
      {d.error !== null && <ErrorNote level="warn" error={d.error} kept={t('models:download.keep')} />}
      <ConfirmDialog open={asking} onClose={() => { setAsking(false); }} title={t('models:download.cancelTitle', { name: d.name })} confirm={t('models:download.cancel')} danger onConfirm={() => { setAsking(false); act('cancel'); }}>{t('models:download.cancelBody', { bytes: f.bytes(d.bytes_done) })}</ConfirmDialog>
    </>
  );
}
