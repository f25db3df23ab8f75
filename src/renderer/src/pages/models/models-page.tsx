/** Models: the list, and beside it what the chosen one is. The address names the chosen model; `?import=1` opens the import. */
import { IconCube, IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import type { Model } from '../../../../shared/schema/entities.ts';
import { usePageActions } from '../../actions/index.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { useModels, useReady } from '../../state/entities.ts';
import { Button, Card, DataTable, EmptyState, PageHead, Pill, Skeleton } from '../../ui/index.ts';
import type { Column } from '../../ui/index.ts';
import { ImportModel } from './import-model.tsx';
import { ModelDetail } from './model-detail.tsx';

export function ModelsPage({ id }: { id?: string }) {
  const { t } = useTranslation(['models', 'common']), f = useFormat(), models = useModels(), ready = useReady(), [path, navigate] = useLocation(), importing = new URLSearchParams(useSearch()).has('import');
  const [search, setSearch] = useState('');
  const chosen = id === undefined ? models[0] : models.find((m) => m.id === id);
  const openImport = (): void => { navigate(`${path}?import=1`); };
  usePageActions([{ id: 'models.import', label: t('import'), section: t('common:section.page'), shortcut: 'I', run: openImport }]);

  const columns = useMemo((): Column<Model>[] => [
    { id: 'name', header: t('column.name'), width: 'minmax(140px, 2fr)', sort: (m) => m.name, cell: (m) => <span className="line"><span className="ellipsis">{m.name}</span>{m.source === 'embedded' && <Pill>{t('common:embedded')}</Pill>}{m.missing && <Pill tone="warn">{t('missing')}</Pill>}</span> },
    { id: 'family', header: t('column.family'), width: '78px', sort: (m) => m.family, cell: (m) => <span className="muted">{m.family}</span> },
    { id: 'parameters', header: t('column.parameters'), width: '102px', align: 'right', sort: (m) => m.parameters, cell: (m) => f.count(m.parameters) },
    { id: 'context', header: t('column.context'), width: '88px', align: 'right', sort: (m) => m.context, cell: (m) => f.number(m.context) },
    { id: 'dtype', header: t('column.dtype'), width: '84px', sort: (m) => m.dtype, cell: (m) => <span className="muted">{m.dtype}</span> },
    { id: 'size', header: t('column.size'), width: '88px', align: 'right', sort: (m) => m.bytes, cell: (m) => f.bytes(m.bytes) },
  ], [t, f]);
  const found = models.filter((m) => `${m.name} ${m.family}`.toLowerCase().includes(search.toLowerCase()));

  return (
    <>
      <PageHead title={t('title')} crumbs={[{ label: t('line') }]} actions={<Button kind="primary" kbd="I" icon={<IconPlus size={15} />} onClick={openImport}>{t('import')}</Button>} />
      <div className="cols">
        <Card label={t('title')} title={ready ? t('count', { count: models.length }) : undefined} right={models.length > 0 && <input className="input" style={{ width: 220, height: 26 }} type="search" aria-label={t('search')} placeholder={t('search')} value={search} onChange={(e) => { setSearch(e.target.value); }} />}>
          {!ready ? <div className="body stack">{[1, 2, 3].map((i) => <Skeleton key={i} height={20} />)}</div>
            : models.length === 0 ? <EmptyState icon={<IconCube size={28} stroke={1.5} />} title={t('empty')} actions={<Button onClick={openImport}>{t('import')}</Button>}>{t('emptyBody')}</EmptyState>
              : found.length === 0 ? <EmptyState title={t('none')} actions={<Button size="s" onClick={() => { setSearch(''); }}>{t('common:tryAgain')}</Button>} />
                : <DataTable label={t('title')} rows={found} columns={columns} rowKey={(m) => m.id} selected={chosen?.id} onOpen={(m) => { navigate(routes.model(m.id)); }} sortBy={{ id: 'name', desc: false }} />}
        </Card>
        {chosen ? <ModelDetail key={chosen.id} model={chosen} onImport={openImport} /> : <Card label={t('detail.title')}><EmptyState icon={<IconCube size={26} stroke={1.4} />} title={ready && id !== undefined ? t('none') : t('detail.title')}>{t('detail.pick')}</EmptyState></Card>}
      </div>
      <ImportModel open={importing} onClose={() => { navigate(path, { replace: true }); }} onDone={(m) => { navigate(routes.model(m.id)); }} />
    </>
  );
}
