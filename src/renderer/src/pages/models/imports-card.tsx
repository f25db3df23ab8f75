/** Imports whose dialog was closed: how far, how fast, how long still; cancel. One that failed says why, and that nothing was kept. */
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelImport } from '../../../../shared/schema/model-import.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useModel } from '../../state/entities.ts';
import { Button, Card, ErrorNote, LinkButton, Pill, Progress, toast } from '../../ui/index.ts';

const TONE = { running: 'ember', failed: 'bad', done: 'good', cancelled: 'warn' } as const;

export function ImportsCard({ imports }: { imports: readonly ModelImport[] }) {
  const { t } = useTranslation('models');
  return <Card title={t('importing.list')}><ul>{imports.map((j) => <li key={j.id} className="dl-item"><Item job={j} /></li>)}</ul></Card>;
}

function Item({ job: j }: { job: ModelImport }) {
  const { t } = useTranslation('models'), model = useModel(j.model_id), [busy, setBusy] = useState(false);
  const end = (): void => { setBusy(true); api.models.cancelImport({ id: j.id }).catch(toast.error).finally(() => { setBusy(false); }); };
  return (
    <>
      <div className="dl-head"><b className="ellipsis">{j.name}</b><Pill tone={TONE[j.status]}>{t(`importing.status.${j.status}`)}</Pill><span className="muted mono ellipsis">{j.path}</span>
        <span className="end line">{model && <LinkButton size="s" href={routes.model(model.id)}>{t('download.open')}</LinkButton>}<Button size="s" kind="quiet" busy={busy} icon={<IconX size={14} />} onClick={end}>{t(j.status === 'running' ? 'importing.cancel' : 'importing.dismiss')}</Button></span></div>
      {j.status === 'running' && <ImportProgress job={j} />}
      {j.error !== null && <ErrorNote level="warn" error={j.error} kept={t('preview.kept')} />}
    </>
  );
}

export function ImportProgress({ job: j }: { job: ModelImport }) {
  const { t } = useTranslation('models'), f = useFormat();
  return (
    <div className="import-progress">
      <Progress value={j.bytes === 0 ? 0 : j.bytes_done / j.bytes} label={j.name} />
      <div className="stats">
        {j.bytes === 0 ? <span>{t('preview.reading')}</span> : <span>{t('importing.progress', { done: f.bytes(j.bytes_done), total: f.bytes(j.bytes) })}</span>}
        {j.bytes_per_second !== null && <span>{t('download.speed', { speed: f.bytes(j.bytes_per_second) })}</span>}
        {j.seconds_left !== null && <span>{t('download.left', { time: f.duration(j.seconds_left) })}</span>}
      </div>
    </div>
  );
}
