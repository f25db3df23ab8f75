/** All shortcuts that work now, by section. */
import { useTranslation } from 'react-i18next';
import { Dialog, Keys } from '../ui/index.ts';
import type { Action } from './action.ts';
import './palette.css';

export function ShortcutsDialog({ open, onClose, actions }: { open: boolean; onClose: () => void; actions: readonly Action[] }) {
  const { t } = useTranslation(), withKeys = actions.filter((a) => a.shortcut !== undefined), sections = [...new Set(withKeys.map((a) => a.section))];
  return (
    <Dialog open={open} onClose={onClose} title={t('action.shortcuts')} size={640}>
      <div className="shortcut-list">{sections.map((s) => <section key={s}><h3>{s}</h3>{withKeys.filter((a) => a.section === s).map((a) => <div key={a.id}><span>{a.label}</span>{a.shortcut !== undefined && <Keys shortcut={a.shortcut} />}</div>)}</section>)}</div>
    </Dialog>
  );
}
