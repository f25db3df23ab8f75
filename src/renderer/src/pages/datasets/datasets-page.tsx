/** Datasets: the list, and the import (`?import=1`). */
import { IconPlus, IconTable } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import type { Dataset } from '../../../../shared/schema/entities.ts';
import { usePageActions } from '../../actions/index.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { useDatasets, useReady } from '../../state/entities.ts';
import { Button, Card, DataTable, EmptyState, PageHead, Pill, Skeleton } from '../../ui/index.ts';
import type { Column } from '../../ui/index.ts';
import { formatName } from './format-name.ts';
import { ImportDataset } from './import-dataset.tsx';

export function DatasetsPage() {
  const { t } = useTranslation(['datasets', 'common']), f = useFormat(), datasets = useDatasets(), ready = useReady(), [path, navigate] = useLocation(), importing = new URLSearchParams(useSearch()).has('import');
  const [search, setSearch] = useState('');
  const openImport = (): void => { navigate(`${path}?import=1`); };
  usePageActions([{ id: 'datasets.import', label: t('import'), section: t('common:section.page'), shortcut: 'I', run: openImport }]);
  const columns = useMemo((): Column<Dataset>[] => [
    { id: 'name', header: t('column.name'), width: 'minmax(180px, 2fr)', sort: (d) => d.name, cell: (d) => <span className="line"><span className="ellipsis">{d.name}</span>{d.source === 'embedded' && <Pill>{t('common:embedded')}</Pill>}{d.bad_rows > 0 && <Pill tone="warn">{t('column.bad')} {f.number(d.bad_rows)}</Pill>}</span> },
    { id: 'kind', header: t('column.kind'), width: 'minmax(158px, 1fr)', sort: (d) => d.kind, cell: (d) => <span className="muted">{t(`kind.${d.kind}`)}</span> },
    { id: 'rows', header: t('column.rows'), width: '96px', align: 'right', sort: (d) => d.rows, cell: (d) => f.number(d.rows) },
    { id: 'size', header: t('column.size'), width: '96px', align: 'right', sort: (d) => d.bytes, cell: (d) => f.bytes(d.bytes) },
    { id: 'format', header: t('column.format'), width: '148px', from: 720, sort: (d) => d.format, cell: (d) => <span className="muted">{formatName(d.format, t)}</span> },
    { id: 'version', header: t('column.version'), width: '92px', from: 900, cell: (d) => <code className="faint" title={d.version}>{d.version.slice(0, 6)}</code> },
    { id: 'added', header: t('column.added'), width: '132px', from: 800, sort: (d) => d.created_at, cell: (d) => <span className="muted">{f.ago(d.created_at)}</span> },
  ], [t, f]);
  const found = datasets.filter((d) => `${d.name} ${d.file_name}`.toLowerCase().includes(search.toLowerCase()));
  return (
    <>
      <PageHead title={t('title')} crumbs={[{ label: t('line') }]} actions={<Button kind="primary" kbd="I" icon={<IconPlus size={15} />} onClick={openImport}>{t('import')}</Button>} />
      <Card label={t('title')} title={ready ? t('count', { count: datasets.length }) : undefined} right={datasets.length > 0 && <input className="input" style={{ width: 220, height: 26 }} type="search" aria-label={t('search')} placeholder={t('search')} value={search} onChange={(e) => { setSearch(e.target.value); }} />}>
        {!ready ? <div className="body stack">{[1, 2, 3].map((i) => <Skeleton key={i} height={20} />)}</div>
          : datasets.length === 0 ? <EmptyState icon={<IconTable size={28} stroke={1.5} />} title={t('empty')} actions={<Button onClick={openImport}>{t('import')}</Button>}>{t('emptyBody')}</EmptyState>
            : found.length === 0 ? <EmptyState title={t('none')} actions={<Button size="s" onClick={() => { setSearch(''); }}>{t('page.clear')}</Button>} />
              : <DataTable label={t('title')} rows={found} columns={columns} rowKey={(d) => d.id} onOpen={(d) => { navigate(routes.dataset(d.id)); }} sortBy={{ id: 'name', desc: false }} />}
      </Card>
      <ImportDataset open={importing} onClose={() => { navigate(path, { replace: true }); }} onDone={(d) => { navigate(routes.dataset(d.id)); }} />
    </>
  );
}
