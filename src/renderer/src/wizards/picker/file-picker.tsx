/** The picker of files on the machine that Anneal runs on; the system's own dialog is offered beside it where there is one. Enter or a click opens a folder or chooses; typing filters; a path can be typed. */
import { IconArrowUp, IconCube, IconFile, IconFolder, IconPuzzle, IconServer } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileEntry } from '../../../../shared/schema/data.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { shell } from '../../state/shell.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Dialog, ErrorNote, Pill, Skeleton, toast } from '../../ui/index.ts';
import './picker.css';

export type Want = 'model' | 'dataset' | 'recipe' | 'folder';
const lastFolder = new Map<Want, string>();

export function FilePicker({ want, open, onClose, onPick }: { want: Want; open: boolean; onClose: () => void; onPick: (path: string) => void }) {
  const { t } = useTranslation();
  return <Dialog open={open} onClose={onClose} title={t(`picker.title.${want}`)} size={760}>{open && <PickerBody want={want} onPick={onPick} />}</Dialog>;
}

function PickerBody({ want, onPick }: { want: Want; onPick: (path: string) => void }) {
  const { t } = useTranslation(), f = useFormat();
  const [folder, setFolder] = useState<string | undefined>(lastFolder.get(want)), [typed, setTyped] = useState(folder ?? ''), [filter, setFilter] = useState('');
  const starts = useCall((signal) => api.files.list({ want }, { signal }), 'places');
  const at = folder ?? starts.data?.places[0]?.path;
  const list = useCall((signal) => api.files.list({ path: at ?? '', want }, { signal }), at ?? null, { keep: true });
  const go = (path: string): void => { setFolder(path); setTyped(path); setFilter(''); };
  const choose = (path: string): void => { if (at !== undefined) lastFolder.set(want, at); onPick(path); };
  const open = (e: FileEntry): void => { if (e.kind === 'file' || e.hint === 'model' || e.hint === 'adapter') choose(e.path); else go(e.path); };
  const native = (kind: Want | 'gguf'): void => { shell?.dialogs.pick({ want: kind, title: t(`picker.title.${want}`) }).then(({ path }) => { if (path !== null) choose(path); }, toast.error); };
  const entries = (list.data?.entries ?? []).filter((e) => e.name.toLowerCase().includes(filter.toLowerCase()));
  const placeName = (name: string): string => (name === 'home' || name === 'working' ? t(`picker.place.${name}`) : name);

  return (
    <div className="picker">
      <form className="picker-path" onSubmit={(e) => { e.preventDefault(); if (typed.trim() !== '') { const path = typed.trim().replace(/^["'](.*)["']$/, '$1'); if (want === 'folder' || !(want === 'model' ? /\.gguf$/i : /\.[a-z0-9]{2,6}$/i).test(path)) go(path); else choose(path); } }}>
        <Button icon={<IconArrowUp size={15} />} label={t('picker.up')} disabled={list.data?.parent === null || list.data === undefined} onClick={() => { if (list.data?.parent) go(list.data.parent); }} />
        <input className="input mono" aria-label={t('picker.path')} spellCheck={false} value={typed === '' ? at ?? '' : typed} onChange={(e) => { setTyped(e.target.value); }} />
        <Button type="submit">{t('picker.go')}</Button>
        {shell && <Button onClick={() => { native(want); }}>{t(want === 'model' ? 'picker.nativeFolder' : 'picker.native')}</Button>}
        {shell && want === 'model' && <Button onClick={() => { native('gguf'); }}>{t('picker.nativeFile')}</Button>}
      </form>
      <div className="picker-body">
        <nav aria-label={t('picker.places')}>
          {starts.data?.places.map((p) => <button type="button" key={p.path} className="picker-row" aria-current={p.path === at} title={p.path} onClick={() => { go(p.path); }}><IconServer size={15} stroke={1.6} aria-hidden /><span className="ellipsis">{placeName(p.name)}</span></button>)}
          {starts.error !== null && <ErrorNote error={starts.error} retry={starts.reload} />}
        </nav>
        <div className="picker-files">
          <input className="input" aria-label={t('picker.filter')} placeholder={t('picker.filter')} value={filter} onChange={(e) => { setFilter(e.target.value); }} autoFocus data-autofocus />
          <div className="picker-list" role="group" aria-label={t('picker.list')} aria-busy={list.loading}>
            {list.error !== null ? <ErrorNote error={list.error} retry={list.reload} />
              : list.data === undefined ? [1, 2, 3, 4].map((i) => <Skeleton key={i} height={24} />)
                : entries.length === 0 ? <p className="muted small" style={{ padding: 16 }}>{t(`picker.empty.${want}`)}</p>
                  : entries.map((e) => (
                    <button type="button" key={e.path} className="picker-row" onClick={() => { open(e); }}>
                      {e.hint === 'model' ? <IconCube size={16} stroke={1.6} className="ember" aria-hidden /> : e.hint === 'adapter' ? <IconPuzzle size={16} stroke={1.6} className="ember" aria-hidden /> : e.kind === 'folder' ? <IconFolder size={16} stroke={1.6} aria-hidden /> : <IconFile size={16} stroke={1.6} aria-hidden />}
                      <span className="ellipsis">{e.name}</span>
                      {e.hint === 'model' && <Pill tone="ember">{t(e.kind === 'file' ? 'picker.gguf' : 'picker.model')}</Pill>}{e.hint === 'adapter' && <Pill tone="ember">{t('picker.adapter')}</Pill>}
                      <span className="end faint small">{e.kind === 'file' ? f.bytes(e.bytes) : ''}</span>
                    </button>
                  ))}
          </div>
        </div>
      </div>
      <div className="picker-foot">
        <span className="faint small">{t('picker.server')}</span>
        {(want === 'model' || want === 'folder') && <Button disabled={at === undefined || list.error !== null} onClick={() => { if (at !== undefined) choose(at); }}>{t('picker.choose')}</Button>}
      </div>
    </div>
  );
}
