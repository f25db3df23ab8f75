/** Asks before runs are deleted, and whether their checkpoint files go too. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../../shared/schema/entities.ts';
import { api } from '../../state/client.ts';
import { Button, Dialog, SwitchField, toast } from '../../ui/index.ts';

export function DeleteRuns({ runs, onClose, onDone }: { runs: readonly Run[]; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation('runs');
  const [files, setFiles] = useState(false), [busy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    setBusy(true);
    try { for (const r of runs) await api.runs.remove({ id: r.id, files }); onDone(); } catch (e) { toast.error(e); onClose(); } finally { setBusy(false); }
  };
  const first = runs[0];
  return (
    <Dialog open={first !== undefined} onClose={onClose} title={runs.length === 1 && first ? t('delete.title', { name: first.name }) : t('delete.titleMany', { count: runs.length })} size={440}
      actions={<><Button onClick={onClose} autoFocus>{t('delete.cancel')}</Button><Button kind="danger" busy={busy} onClick={() => { void remove(); }}>{t('delete.confirm')}</Button></>}>
      <div className="stack"><p>{t('delete.text')}</p><SwitchField label={t('delete.files')} note={t('delete.filesHelp')} value={files} onChange={setFiles} /></div>
    </Dialog>
  );
}
