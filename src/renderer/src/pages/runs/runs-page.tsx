/** All runs: live first, then the queue in its order, then the past. Choose several to overlay their curves or to compare their answers. */
import { IconFlame } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Run } from '../../../../shared/schema/entities.ts';
import { useCheckpoints, useReady, useRuns } from '../../state/entities.ts';
import { Button, Card, EmptyState, LinkButton, PageHead, Pill, Segmented, Skeleton } from '../../ui/index.ts';
import { compareHref, MAX_PANES } from '../../compare-link.ts';
import { bestOf, inListOrder, isLive } from '../../state/run-state.ts';
import { DeleteRuns } from './delete-runs.tsx';
import { Overlay } from './overlay.tsx';
import { RunsTable } from './runs-table.tsx';
import './runs.css';

type Filter = 'all' | 'live' | 'done' | 'trouble';
const FILTERS: readonly Filter[] = ['all', 'live', 'done', 'trouble'];
const passes = (filter: Filter, r: Run): boolean => filter === 'all' || (filter === 'live' ? isLive(r.status) || r.status === 'queued' : filter === 'done' ? r.status === 'completed' || r.status === 'stopped' : r.status === 'failed' || r.status === 'interrupted' || r.status === 'paused');

export function RunsPage() {
  const { t } = useTranslation('runs');
  const [, go] = useLocation();
  const runs = useRuns(), ready = useReady(), checkpoints = useCheckpoints();
  const [filter, setFilter] = useState<Filter>('all'), [query, setQuery] = useState(''), [chosen, setChosen] = useState<ReadonlySet<string>>(new Set()), [overlay, setOverlay] = useState(false), [doomed, setDoomed] = useState<readonly Run[]>([]);
  const ordered = useMemo(() => inListOrder(runs), [runs]);
  const shown = ordered.filter((r) => passes(filter, r) && `${r.name} ${r.model_name} ${r.train_dataset_name}`.toLowerCase().includes(query.trim().toLowerCase()));
  const picked = ordered.filter((r) => chosen.has(r.id));
  const answering = picked.flatMap((r) => { const c = bestOf(r, checkpoints.filter((x) => x.run_id === r.id)); return c ? [{ modelId: c.model_id, checkpointId: c.id }] : []; });
  const toggle = (id: string): void => { setChosen((s) => { const next = new Set(s); if (!next.delete(id)) next.add(id); return next; }); };

  return (
    <>
      <PageHead title={t('title')} pills={ready && runs.length > 0 ? <Pill>{t('count', { count: runs.length })}</Pill> : undefined} actions={runs.length > 0 ? <LinkButton href="/train" kind="primary">{t('new')}</LinkButton> : undefined} />
      {!ready ? <Card><div className="body stack">{[1, 2, 3].map((i) => <Skeleton key={i} height={22} />)}</div></Card>
        : runs.length === 0 ? <Card><EmptyState icon={<IconFlame size={28} stroke={1.4} />} title={t('empty')} actions={<LinkButton href="/train" kind="primary">{t('emptyAction')}</LinkButton>}>{t('emptyHelp')}</EmptyState></Card>
          : overlay && picked.length > 0 ? <Overlay runs={picked} onClose={() => { setOverlay(false); }} /> : (
            <>
              <div className="runs-bar">
                <Segmented<Filter> label={t('filter.label')} value={filter} onChange={setFilter} options={FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }))} />
                <input className="input" type="search" aria-label={t('search')} placeholder={t('search')} value={query} onChange={(e) => { setQuery(e.target.value); }} />
                <span className="runs-picked end" data-on={picked.length > 0}>
                  {t('selected', { count: picked.length })}
                  <Button size="s" disabled={picked.length === 0} onClick={() => { setOverlay(true); }}>{t('overlay')}</Button>
                  <Button size="s" disabled={answering.length === 0} {...(picked.length > 0 && answering.length === 0 ? { reason: t('compareNeeds') } : {})} onClick={() => { go(compareHref(answering.slice(0, MAX_PANES))); }}>{t('compare')}</Button>
                  <Button size="s" kind="danger" disabled={picked.length === 0 || picked.some((r) => isLive(r.status))} onClick={() => { setDoomed(picked); }}>{t('delete.confirm')}</Button>
                  <Button size="s" kind="quiet" disabled={picked.length === 0} onClick={() => { setChosen(new Set()); }}>{t('clear')}</Button>
                </span>
              </div>
              <Card>{shown.length === 0 ? <EmptyState title={t('noMatch', { query })} /> : <RunsTable runs={shown} all={ordered} chosen={chosen} onToggle={toggle} onDelete={(r) => { setDoomed([r]); }} />}</Card>
            </>
          )}
      <DeleteRuns key={doomed.map((r) => r.id).join()} runs={doomed} onClose={() => { setDoomed([]); }} onDone={() => { setDoomed([]); setChosen(new Set()); }} />
    </>
  );
}
