/** Two to four checkpoints answer the same prompt side by side, with the same seed and settings. The address names the panes. */
import { IconColumns2, IconPlus } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { usePageActions } from '../../actions/index.ts';
import { routes } from '../../routes.ts';
import { useModels, useReady } from '../../state/entities.ts';
import { Button, Card, EmptyState, LinkButton, PageHead, Pill } from '../../ui/index.ts';
import { AddDialog } from './add-dialog.tsx';
import { stopAll } from './ask-all.ts';
import { AskBar } from './ask-bar.tsx';
import { referencePane, useCompare } from './compare-store.ts';
import { compareHref, MAX_PANES, targetKey, targetsOf } from '../../compare-link.ts';
import { LockBar } from './lock-bar.tsx';
import { PaneCard } from './pane-card.tsx';
import './compare.css';

export function ComparePage() {
  const { t } = useTranslation(['compare', 'common']);
  const search = useSearch(), [, navigate] = useLocation();
  const { panes, setTargets, view, setView } = useCompare(), reference = useCompare(referencePane);
  const models = useModels(), ready = useReady();
  const [adding, setAdding] = useState(false);
  const written = useRef<string | null>(null);

  // The address decides when it names something new; otherwise it follows the panes.
  useEffect(() => {
    if (search === written.current) return;
    written.current = search;
    const targets = targetsOf(search);
    if (targets.length > 0) setTargets(targets);
  }, [search, setTargets]);
  const key = panes.map((p) => targetKey(p.target)).join();
  useEffect(() => {
    const href = compareHref(useCompare.getState().panes.map((p) => p.target)), query = href.split('?')[1] ?? '';
    if (written.current === query || (query === '' && search !== '' && targetsOf(search).length > 0 && key !== '')) return;
    written.current = query;
    navigate(href, { replace: true });
  // eslint-disable-next-line react-hooks/exhaustive-deps -- only the panes decide
  }, [key, navigate]);

  const busy = panes.some((p) => p.answer?.status === 'waiting' || p.answer?.status === 'streaming');
  const section = t('common:section.page');
  usePageActions([
    { id: 'compare.add', label: t('compare:add'), section, shortcut: 'A', enabled: panes.length < MAX_PANES, run: () => { setAdding(true); } },
    { id: 'compare.stop', label: t('compare:ask.stop'), section, shortcut: 'Escape', inFields: true, enabled: busy, run: stopAll },
    ...(['text', 'difference', 'probabilities'] as const).map((v) => ({ id: `compare.${v}`, label: t(`compare:view.${v}`), section, enabled: view !== v, run: () => { setView(v); } })),
  ]);
  const addButton = <Button kind={panes.length === 0 ? 'primary' : 'plain'} icon={<IconPlus size={15} />} kbd="A" disabled={panes.length >= MAX_PANES} onClick={() => { setAdding(true); }} {...(panes.length >= MAX_PANES ? { reason: t('compare:full') } : {})}>{t('compare:add')}</Button>;
  return (
    <>
      <PageHead title={t('compare:title')} pills={panes.length > 0 ? <Pill>{t('compare:panes', { count: panes.length })}</Pill> : undefined} actions={panes.length > 0 ? addButton : undefined} />
      {panes.length === 0 || reference === undefined ? (
        <Card>{ready && models.length === 0 ? <EmptyState icon={<IconColumns2 size={28} stroke={1.4} />} title={t('compare:emptyModels')} actions={<LinkButton kind="primary" href={routes.models}>{t('compare:toModels')}</LinkButton>}>{t('compare:emptyHelp')}</EmptyState>
          : <EmptyState icon={<IconColumns2 size={28} stroke={1.4} />} title={t('compare:empty')} actions={addButton}>{t('compare:emptyHelp')}</EmptyState>}</Card>
      ) : (
        <>
          <LockBar />
          <div className="cmp-panes" data-n={panes.length}>{panes.map((p) => <PaneCard key={p.key} pane={p} reference={reference} />)}</div>
          <AskBar />
        </>
      )}
      <AddDialog open={adding} onClose={() => { setAdding(false); }} />
    </>
  );
}
