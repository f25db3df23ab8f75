/** What was exported from a model: each with its proof, and where the files are. */
import { IconDatabaseExport, IconTrash } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../../shared/schema/entities.ts';
import type { ExportRecord } from '../../../../shared/schema/export.ts';
import { useFormat } from '../../i18n/format.ts';
import type { Format } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useExports } from '../../state/entities.ts';
import { Button, Card, ConfirmDialog, DataTable, EmptyState, Pill, toast } from '../../ui/index.ts';
import type { Column } from '../../ui/index.ts';
import { ExportProgress } from '../../wizards/export/export-progress.tsx';

const difference = (n: number, f: Format): string => (n !== 0 && Math.abs(n) < 1e-3 ? n.toExponential(1) : f.number(n, { maximumSignificantDigits: 3 }));

export function ExportsTab({ model, onExport }: { model: Model; onExport: () => void }) {
  const { t } = useTranslation(['export', 'common']), f = useFormat(), all = useExports(), mine = useMemo(() => all.filter((e) => e.model_id === model.id), [all, model.id]);
  const [picked, setPicked] = useState<string | null>(null), [forgetting, setForgetting] = useState(false), chosen = mine.find((e) => e.id === picked) ?? mine[0];
  const columns = useMemo((): Column<ExportRecord>[] => [
    { id: 'what', header: t('export:list.what'), width: 'minmax(72px, 1.2fr)', sort: (e) => e.checkpoint_name ?? '', cell: (e) => (e.checkpoint_name === null ? <span className="muted">{t('export:list.base')}</span> : e.checkpoint_name) },
    { id: 'format', header: t('export:list.format'), width: 'minmax(132px, 1.4fr)', sort: (e) => e.format, cell: (e) => <span className="line"><span className="ellipsis">{t(`export:format.${e.format}.name`)}</span><Pill>{e.type}</Pill></span> },
    { id: 'state', header: t('export:list.state'), width: '92px', sort: (e) => e.status, cell: (e) => <Pill tone={e.status === 'running' ? 'ember' : e.status === 'failed' || e.proof?.passed === false ? 'bad' : e.status === 'done' ? 'good' : undefined}>{e.status === 'running' ? f.percent(e.progress) : t(`export:status.${e.status}`)}</Pill> },
    { id: 'diff', header: t('export:list.diff'), width: '104px', align: 'right', sort: (e) => e.proof?.max_abs_diff ?? Infinity, cell: (e) => (e.proof ? difference(e.proof.max_abs_diff, f) : '') },
    { id: 'tokens', header: t('export:list.tokens'), width: '96px', align: 'right', sort: (e) => e.proof?.same_tokens ?? -1, cell: (e) => (e.proof ? f.percent(e.proof.same_tokens, 1) : '') },
    { id: 'size', header: t('export:list.size'), width: '84px', align: 'right', sort: (e) => e.bytes, cell: (e) => f.bytes(e.bytes) },
    { id: 'when', header: t('export:list.when'), width: '98px', align: 'right', sort: (e) => e.created_at, cell: (e) => <span className="muted">{f.ago(e.created_at)}</span> },
  ], [t, f]);
  if (mine.length === 0) return <Card><EmptyState icon={<IconDatabaseExport size={28} stroke={1.4} />} title={t('export:list.empty')} actions={!model.missing && <Button onClick={onExport}>{t('export:list.go')}</Button>}>{t('export:list.emptyBody')}</EmptyState></Card>;
  return (
    <div className="cols md-exports">
      <Card title={t('export:list.title')}><DataTable label={t('export:list.title')} rows={mine} columns={columns} rowKey={(e) => e.id} selected={chosen?.id} onOpen={(e) => { setPicked(e.id); }} sortBy={{ id: 'when', desc: true }} /></Card>
      {chosen && <Card title={t('export:list.details')} bodyless={false} right={chosen.status !== 'running' && <Button size="s" kind="quiet" label={t('export:list.forget')} icon={<IconTrash size={14} />} onClick={() => { setForgetting(true); }} />}><ExportProgress key={chosen.id} record={chosen} /></Card>}
      <ConfirmDialog open={forgetting} onClose={() => { setForgetting(false); }} title={t('export:list.forget')} confirm={t('common:remove')} onConfirm={() => { setForgetting(false); if (chosen) api.exports.remove({ id: chosen.id }).catch(toast.error); }}>{t('export:list.forgetNote')}</ConfirmDialog>
    </div>
  );
}
