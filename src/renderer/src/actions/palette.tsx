/** The command palette: type, arrows, Enter. Also finds models, datasets and runs by name. */
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { routes } from '../routes.ts';
import { useDatasets, useModels, useRuns } from '../state/entities.ts';
import { Dialog, Keys } from '../ui/index.ts';
import type { Action } from './action.ts';
import './palette.css';
import { searchActions } from './search-actions.ts';

const MOST = 60;

export function Palette({ open, onClose, actions }: { open: boolean; onClose: () => void; actions: readonly Action[] }) {
  const { t } = useTranslation();
  return <Dialog open={open} onClose={onClose} title={t('action.palette')} size={580} bare>{open && <PaletteBody onClose={onClose} actions={actions} />}</Dialog>;
}

function PaletteBody({ onClose, actions }: { onClose: () => void; actions: readonly Action[] }) {
  const { t } = useTranslation(), [, navigate] = useLocation();
  const [typed, setTyped] = useState(''), [at, setAt] = useState(0), listId = useId(), list = useRef<HTMLDivElement>(null);
  const models = useModels(), datasets = useDatasets(), runs = useRuns();
  const things = useMemo(() => {
    const thing = (kind: 'model' | 'dataset' | 'run', x: { id: string; name: string }, to: string): Action => ({ id: `${kind}.${x.id}`, label: x.name, section: t(`section.${kind}`), run: () => { navigate(to); } });
    return [...runs.map((r) => thing('run', r, routes.run(r.id))), ...models.map((m) => thing('model', m, routes.model(m.id))), ...datasets.map((d) => thing('dataset', d, routes.dataset(d.id)))];
  }, [models, datasets, runs, t, navigate]);
  const found = useMemo(() => searchActions([...actions.filter((a) => a.id !== 'palette' && a.enabled !== false), ...things], typed).slice(0, MOST), [actions, things, typed]);
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }); }, [at]);

  const run = (action: Action | undefined): void => { if (action) { onClose(); action.run(); } };
  const onKey = (e: KeyboardEvent): void => {
    if (e.nativeEvent.isComposing) return;
    if (e.key === 'Enter') { e.preventDefault(); run(found[at]); return; }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    setAt(Math.max(0, Math.min(found.length - 1, to)));
  };
  const option = (i: number): string => `${listId}-${i}`;
  return (
    <div className="palette">
      <div className="palette-input">
        <IconSearch size={16} aria-hidden />
        <input role="combobox" aria-expanded aria-controls={listId} aria-activedescendant={found.length > 0 ? option(at) : undefined} aria-label={t('palette.placeholder')} placeholder={t('palette.placeholder')} data-autofocus autoFocus value={typed} onChange={(e) => { setTyped(e.target.value); setAt(0); }} onKeyDown={onKey} />
      </div>
      <div role="listbox" id={listId} ref={list} className="palette-list" aria-label={t('action.palette')}>
        {found.map((a, i) => (
          <div key={a.id} id={option(i)} role="option" aria-selected={i === at} className="palette-item" onMouseMove={() => { setAt(i); }} onClick={() => { run(a); }}>
            <span className="ellipsis">{a.label}</span><span className="faint small">{a.section}</span>{a.shortcut !== undefined && <Keys shortcut={a.shortcut} />}
          </div>
        ))}
        {found.length === 0 && <div className="palette-none muted">{t('palette.none')}</div>}
      </div>
    </div>
  );
}
