/** A new name for a model, dataset or run. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Dialog, ErrorNote, TextField } from '../ui/index.ts';

export function RenameDialog(props: { open: boolean; title: string; name: string; onClose: () => void; rename: (name: string) => Promise<void> }) {
  return <Dialog open={props.open} onClose={props.onClose} title={props.title} size={420}>{props.open && <RenameForm {...props} />}</Dialog>;
}
function RenameForm({ name, onClose, rename }: { name: string; onClose: () => void; rename: (name: string) => Promise<void> }) {
  const { t } = useTranslation(), [text, setText] = useState(name), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const save = (): void => {
    setBusy(true);
    rename(text.trim()).then(onClose, (e: unknown) => { setError(e); setBusy(false); });
  };
  return (
    <form onSubmit={(e) => { e.preventDefault(); save(); }} className="stack">
      <TextField label={t('name')} value={text} onChange={setText} maxLength={120} autoFocus />
      {error !== null && <ErrorNote error={error} />}
      <div className="dialog-acts" style={{ marginTop: 0 }}><Button onClick={onClose}>{t('cancel')}</Button><Button type="submit" kind="primary" busy={busy} disabled={text.trim() === '' || text.trim() === name}>{t('save')}</Button></div>
    </form>
  );
}
