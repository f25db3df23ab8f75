/** One dataset: every row as it was read, searchable, and where it came from. */
import { IconDownload, IconFlame, IconPencil, IconTrash } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Dataset } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useDataset, useReady } from '../../state/entities.ts';
import { Button, Card, ConfirmDialog, EmptyState, ErrorNote, KeyValue, LinkButton, Menu, PageHead, Pill, Segmented, Skeleton, toast, VirtualList } from '../../ui/index.ts';
import { RenameDialog } from '../rename-dialog.tsx';
import './datasets.css';
import { ExportDataset } from './export-dataset.tsx';
import { formatName } from './format-name.ts';
import { RowCard } from './row-card.tsx';
import { useRows } from './use-rows.ts';

export function DatasetPage({ id }: { id: string }) {
  const { t } = useTranslation('datasets'), dataset = useDataset(id), ready = useReady();
  if (dataset) return <Found key={id} dataset={dataset} />;
  return (
    <>
      <PageHead crumbs={[{ label: t('page.crumb'), href: routes.datasets }]} title={ready ? t('page.gone') : <Skeleton width={180} height={20} />} />
      {ready ? <Card><EmptyState title={t('page.gone')} actions={<LinkButton href={routes.datasets}>{t('page.all')}</LinkButton>}>{t('page.goneBody')}</EmptyState></Card> : <Skeleton height={420} />}
    </>
  );
}

function Found({ dataset: d }: { dataset: Dataset }) {
  const { t } = useTranslation(['datasets', 'common']), f = useFormat(), [, navigate] = useLocation(), [asking, setAsking] = useState<'remove' | 'rename' | 'export' | null>(null), [error, setError] = useState<unknown>(null);
  const remove = (): void => {
    setAsking(null);
    api.datasets.remove({ id: d.id }).then(() => { toast.done(t('remove.done', { name: d.name })); navigate(routes.datasets); }, setError);
  };
  const embedded = d.source === 'embedded';
  return (
    <>
      <PageHead crumbs={[{ label: t('page.crumb'), href: routes.datasets }]} title={d.name} pills={<><Pill>{t(`kind.${d.kind}`)}</Pill><Pill>{t('rows', { count: d.rows })}</Pill></>}
        actions={<><Menu label={t('page.actions')} items={[
          { id: 'rename', label: t('common:rename'), icon: <IconPencil size={15} />, run: () => { setAsking('rename'); } },
          { id: 'export', label: t('export.menu'), icon: <IconDownload size={15} />, run: () => { setAsking('export'); } },
          { id: 'remove', label: embedded ? t('remove.embedded') : t('common:remove'), icon: <IconTrash size={15} />, danger: !embedded, disabled: embedded, run: () => { setAsking('remove'); } },
        ]} /><LinkButton kind="primary" icon={<IconFlame size={15} />} href={routes.train({ dataset: d.id })}>{t('page.train')}</LinkButton></>} />
      {error !== null && <ErrorNote level="warn" error={error} />}
      <div className="cols">
        <RowsCard dataset={d} />
        <div className="stack">
          <Card title={t('page.facts')} bodyless={false}>
            <KeyValue items={[[t('column.format'), formatName(d.format, t)], [t('column.rows'), f.number(d.rows)], [t('column.size'), f.bytes(d.bytes)], [t('page.file'), <code key="f">{d.file_name}</code>], [t('page.version'), <code key="v">{d.version.slice(0, 16)}</code>], [t('column.added'), f.dateTime(d.created_at)], d.bad_rows > 0 && [t('column.bad'), <span key="b" className="warn">{t('badRows', { count: d.bad_rows })}</span>]]} />
          </Card>
          <p className="rows-note"><Trans t={t} i18nKey="page.hidden" components={{ c: <span className="ctl" /> }} /></p>
        </div>
      </div>
      <ConfirmDialog open={asking === 'remove'} onClose={() => { setAsking(null); }} title={t('remove.title', { name: d.name })} confirm={t('common:remove')} danger onConfirm={remove}>{t('remove.body')}</ConfirmDialog>
      {asking === 'export' && <ExportDataset dataset={d} onClose={() => { setAsking(null); }} />}
      <RenameDialog open={asking === 'rename'} title={t('rename.title')} name={d.name} onClose={() => { setAsking(null); }} rename={async (name) => { await api.datasets.rename({ id: d.id, name }); }} />
    </>
  );
}

function RowsCard({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation('datasets'), f = useFormat(), [typed, setTyped] = useState(''), query = useDeferredValue(typed.trim()), [view, setView] = useState<'full' | 'compact'>('full');
  const rows = useRows(dataset.id, query);
  return (
    <Card title={t('page.rowsTitle')} right={
      <span className="rows-tools">
        <span aria-live="polite" className="ellipsis">{query !== '' && rows.total !== undefined ? t('page.found', { count: rows.total, query }) : ''}</span>
        <input className="input" type="search" aria-label={t('page.search')} placeholder={t('page.search')} maxLength={200} value={typed} onChange={(e) => { setTyped(e.target.value); }} />
        <Segmented label={t('page.view')} value={view} onChange={setView} options={[{ value: 'full', label: t('page.full') }, { value: 'compact', label: t('page.compact') }]} />
      </span>}>
      {rows.error !== null ? <ErrorNote error={rows.error} retry={rows.reload} />
        : rows.total === undefined ? <div className="body stack" style={{ height: 560 }}>{[1, 2, 3, 4, 5].map((i) => <Skeleton key={i} height={52} />)}</div>
          : rows.total === 0 ? <div style={{ height: 560 }}><EmptyState title={query === '' ? t('empty') : t('page.noneFound', { query })} actions={query !== '' && <Button size="s" onClick={() => { setTyped(''); }}>{t('page.clear')}</Button>} /></div>
            : (
              <VirtualList key={`${view}${query}`} label={t('page.list')} count={rows.total} estimate={view === 'full' ? 66 : 30} height="max(420px, calc(100vh - 152px))" onRange={rows.onRange}>
                {(i) => { const row = rows.row(i); return row ? <RowCard row={row} mark={query} oneLine={view === 'compact'} /> : <div className="row-card" aria-label={t('page.loading', { n: f.number(i + 1) })}><span className="row-n">{query === '' ? f.number(i + 1) : ''}</span><Skeleton height={view === 'full' ? 40 : 16} /></div>; }}
              </VirtualList>
            )}
    </Card>
  );
}
