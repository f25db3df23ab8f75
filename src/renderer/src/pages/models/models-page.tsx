/** Models: the list, downloads under way, and the ways in. `?import=1` and `?download=1` open them. A row opens the model's page. */
import { IconCube, IconDownload, IconPlus } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import type { Model } from '../../../../shared/schema/entities.ts';
import { usePageActions } from '../../actions/index.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useDownloads } from '../../state/downloads.ts';
import { useImports } from '../../state/imports.ts';
import { useModels, useReady, useRuns } from '../../state/entities.ts';
import { Button, Card, DataTable, EmptyState, PageHead, Pill, Skeleton } from '../../ui/index.ts';
import type { Column } from '../../ui/index.ts';
import { DownloadModel } from './download-model.tsx';
import { DownloadsCard } from './downloads-card.tsx';
import { ImportModel } from './import-model.tsx';
import { ImportsCard } from './imports-card.tsx';
import './models.css';

export function ModelsPage() {
  const { t } = useTranslation(['models', 'common', 'reward']), f = useFormat(), models = useModels(), runs = useRuns(), ready = useReady(), [path, navigate] = useLocation(), asked = new URLSearchParams(useSearch()), { downloads } = useDownloads(), { imports } = useImports();
  const [search, setSearch] = useState(''), wanted = useDeferredValue(search).trim().toLowerCase();
  const openImport = (): void => { navigate(`${path}?import=1`); }, openDownload = (): void => { navigate(`${path}?download=1`); }, close = (): void => { navigate(path, { replace: true }); };
  // Folders may have gone or come back since; what changed is told with the records.
  useEffect(() => { api.models.list().catch(() => { /* the list stays as it is known */ }); }, []);
  const section = t('common:section.page');
  usePageActions([{ id: 'models.import', label: t('import'), section, shortcut: 'I', run: openImport }, { id: 'models.download', label: t('download.title'), section, shortcut: 'D', run: openDownload }]);

  const trained = useMemo(() => { const n = new Map<string, number>(); for (const r of runs) n.set(r.model_id, (n.get(r.model_id) ?? 0) + 1); return n; }, [runs]);
  const columns = useMemo((): Column<Model>[] => [
    { id: 'name', header: t('column.name'), width: 'minmax(170px, 2.4fr)', sort: (m) => m.name, cell: (m) => <span className="line"><span className="ellipsis">{m.name}</span>{m.source === 'embedded' && <Pill>{t('common:embedded')}</Pill>}{m.kind === 'reward' && <Pill>{t('reward:kind')}</Pill>}{m.missing && <Pill tone="warn">{t('missing')}</Pill>}</span> },
    { id: 'family', header: t('column.family'), width: 'minmax(86px, .8fr)', sort: (m) => m.family, cell: (m) => <span className="muted">{m.family}</span> },
    { id: 'parameters', header: t('column.parameters'), width: '110px', align: 'right', sort: (m) => m.parameters, cell: (m) => f.count(m.parameters) },
    { id: 'context', header: t('column.context'), width: '96px', align: 'right', sort: (m) => m.context, cell: (m) => f.number(m.context) },
    { id: 'dtype', header: t('column.dtype'), width: 'minmax(90px, .8fr)', sort: (m) => m.dtype, cell: (m) => <span className="muted">{m.dtype}</span> },
    { id: 'size', header: t('column.size'), width: '92px', align: 'right', sort: (m) => m.bytes, cell: (m) => f.bytes(m.bytes) },
    { id: 'license', header: t('column.license'), width: 'minmax(96px, 1fr)', sort: (m) => m.license ?? '', cell: (m) => m.license ?? <span className="faint">{t('noLicense')}</span> },
    { id: 'runs', header: t('column.runs'), width: '74px', align: 'right', sort: (m) => trained.get(m.id) ?? 0, cell: (m) => { const n = trained.get(m.id) ?? 0; return n === 0 ? <span className="faint">0</span> : f.number(n); } },
    { id: 'added', header: t('column.added'), width: '132px', align: 'right', sort: (m) => m.created_at, cell: (m) => <span className="muted">{f.ago(m.created_at)}</span> },
  ], [t, f, trained]);
  const found = useMemo(() => models.filter((m) => `${m.name} ${m.family} ${m.dtype} ${m.license ?? ''}`.toLowerCase().includes(wanted)), [models, wanted]);

  return (
    <>
      <PageHead title={t('title')} crumbs={[{ label: t('line') }]} actions={<><Button kbd="D" icon={<IconDownload size={15} stroke={1.7} />} onClick={openDownload}>{t('download.button')}</Button><Button kind="primary" kbd="I" icon={<IconPlus size={15} />} onClick={openImport}>{t('import')}</Button></>} />
      {imports.length > 0 && !asked.has('import') && <ImportsCard imports={imports} />}
      {downloads.length > 0 && <DownloadsCard downloads={downloads} />}
      <Card label={t('title')} title={ready ? t('count', { count: models.length }) : undefined} right={models.length > 0 && <input className="input" style={{ width: 240, height: 26 }} type="search" aria-label={t('search')} placeholder={t('search')} value={search} onChange={(e) => { setSearch(e.target.value); }} />}>
        {!ready ? <div className="body stack">{[1, 2, 3].map((i) => <Skeleton key={i} height={20} />)}</div>
          : models.length === 0 ? <EmptyState icon={<IconCube size={28} stroke={1.5} />} title={t('empty')} actions={<><Button onClick={openImport}>{t('import')}</Button><Button onClick={openDownload}>{t('download.button')}</Button></>}>{t('emptyBody')}</EmptyState>
            : found.length === 0 ? <EmptyState title={t('none')} actions={<Button size="s" onClick={() => { setSearch(''); }}>{t('common:tryAgain')}</Button>} />
              : <DataTable label={t('title')} rows={found} columns={columns} rowKey={(m) => m.id} onOpen={(m) => { navigate(routes.model(m.id)); }} sortBy={{ id: 'name', desc: false }} />}
      </Card>
      <ImportModel open={asked.has('import')} onClose={close} onDone={(id) => { navigate(routes.model(id)); }} />
      <DownloadModel open={asked.has('download')} onClose={close} onStarted={close} />
    </>
  );
}
