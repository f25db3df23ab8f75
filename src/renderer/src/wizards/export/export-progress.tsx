/** One export: how far it is, how it ended, its proof, and where the files are. */
import { IconFolder } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportRecord } from '../../../../shared/schema/export.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { shell } from '../../state/shell.ts';
import { Button, CopyButton, Dot, ErrorNote, KeyValue, Progress, toast } from '../../ui/index.ts';
import { ProofView } from './proof-view.tsx';
import './export.css';

export function ExportProgress({ record: r }: { record: ExportRecord }) {
  const { t } = useTranslation('export'), f = useFormat(), [cancelling, setCancelling] = useState(false);
  const cancel = (): void => { setCancelling(true); api.exports.cancel({ id: r.id }).catch((e: unknown) => { toast.error(e); setCancelling(false); }); };
  if (r.status === 'running') return (
    <div className="stack" role="status">
      <div className="exp-phase"><Dot tone="ember" /><b>{t(`phase.${r.phase}`)}</b><span className="muted">{r.phase === 'write' && r.bytes > 0 ? t('progress', { done: f.bytes(r.bytes_done), total: f.bytes(r.bytes) }) : f.percent(r.progress)}</span><span className="end"><Button size="s" busy={cancelling} onClick={cancel}>{t(cancelling ? 'cancelling' : 'cancel')}</Button></span></div>
      <Progress value={r.progress} label={t(`phase.${r.phase}`)} />
      <div className="stats">{r.bytes_per_second !== null && <span>{t('speed', { speed: f.bytes(r.bytes_per_second) })}</span>}{r.seconds_left !== null && <span>{t('left', { time: f.duration(r.seconds_left) })}</span>}<span className="mono">{r.path}</span></div>
    </div>
  );
  const bytes = r.files.reduce((n, x) => n + x.bytes, 0);
  return (
    <div className="stack">
      {r.status === 'failed' && <ErrorNote error={r.error} kept={t('failedKept')} />}
      {r.status === 'cancelled' && <p className="exp-verdict"><Dot tone="warn" />{t('cancelled')}</p>}
      {r.proof !== null ? <ProofView proof={r.proof} /> : r.status === 'done' && <p className="muted">{t('proof.none')}</p>}
      {r.notes.length > 0 && <ul className="exp-notes">{r.notes.map((n) => <li key={n}>{n}</li>)}</ul>}
      {r.status === 'done' && <>
        <KeyValue items={[
          [t('path'), <code key="p">{r.path}</code>],
          [t('files'), t('needs.diskValue', { bytes: f.bytes(bytes), count: r.files.length })],
          r.peak_rss !== null && [t('peak'), t('peakValue', { write: f.bytes(r.peak_rss.write), total: f.bytes(r.peak_rss.total) })],
          [t('hash'), <code key="h" title={r.weight_hash}>{r.weight_hash.slice(0, 12)}</code>],
        ]} />
        <div className="line"><CopyButton text={r.path} label={t('copyPath')} />{shell && <Button size="s" icon={<IconFolder size={14} />} onClick={() => { shell?.files.reveal({ path: r.path }).catch(toast.error); }}>{t('reveal')}</Button>}</div>
      </>}
    </div>
  );
}
