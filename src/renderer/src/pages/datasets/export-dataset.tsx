/** Export of a dataset: which format, which kind of file; then where it was written. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormatId } from '../../../../shared/formats.ts';
import type { Dataset } from '../../../../shared/schema/entities.ts';
import { api } from '../../state/client.ts';
import { shell } from '../../state/shell.ts';
import { Button, CopyButton, Dialog, ErrorNote, SelectField, toast } from '../../ui/index.ts';
import { formatName } from './format-name.ts';

/** Formats that can hold the rows of a kind; the first is offered. */
const HOLDS: Record<Dataset['kind'], readonly FormatId[]> = { messages: ['messages', 'sharegpt', 'alpaca'], 'prompt-completion': ['prompt-completion'], text: ['text'], preference: ['preference'], 'unpaired-preference': ['unpaired-preference'] };
const FILES = ['jsonl', 'csv'] as const;

export function ExportDataset({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const { t } = useTranslation(['datasets', 'common']);
  const formats = HOLDS[dataset.kind];
  const [format, setFormat] = useState<string>(formats[0] ?? 'text'), [file, setFile] = useState<(typeof FILES)[number]>('jsonl'), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null), [written, setWritten] = useState<{ path: string; rows: number } | null>(null);
  const start = (): void => {
    setBusy(true); setError(null);
    api.datasets.export({ id: dataset.id, format, file }).then(setWritten, setError).finally(() => { setBusy(false); });
  };
  return (
    <Dialog open onClose={onClose} title={t('export.title', { name: dataset.name })} size={480} actions={written === null
      ? <><Button onClick={onClose}>{t('common:cancel')}</Button><Button kind="primary" busy={busy} onClick={start}>{t('export.start')}</Button></>
      : <>{shell && <Button onClick={() => { shell?.files.reveal({ path: written.path }).catch(toast.error); }}>{t('export.reveal')}</Button>}<Button kind="primary" onClick={onClose}>{t('export.close')}</Button></>}>
      {written === null ? (
        <div className="stack">
          <SelectField label={t('column.format')} value={format} onChange={setFormat} options={formats.map((id) => ({ value: id, label: formatName(id, t) }))} />
          <SelectField label={t('export.file')} value={file} onChange={(v) => { setFile(v as typeof file); }} options={FILES.map((id) => ({ value: id, label: t(`export.${id}`) }))} />
          {error !== null && <ErrorNote error={error} kept={t('export.kept')} />}
        </div>
      ) : <div className="stack" role="status"><p>{t('export.done', { count: written.rows })}</p><p className="line"><code className="ellipsis" title={written.path}>{written.path}</code><CopyButton text={written.path} /></p></div>}
    </Dialog>
  );
}
