/** Import of a dataset: choose a file, see how it will be read, map columns where their names differ, decide about unreadable rows, then import. Nothing is kept before the last step. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FORMAT_IDS } from '../../../../shared/formats.ts';
import type { DatasetPreview } from '../../../../shared/schema/data.ts';
import type { Dataset } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { sentence } from '../../i18n/sentences.ts';
import { api } from '../../state/client.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Dialog, ErrorNote, SelectField, Skeleton, SwitchField, TextField, toast } from '../../ui/index.ts';
import { FilePicker } from '../../wizards/picker/file-picker.tsx';
import './datasets.css';
import { formatName } from './format-name.ts';
import { RowCard } from './row-card.tsx';

const baseName = (path: string): string => (path.split(/[/\\]/).at(-1) ?? path);
/** As long as a name may be. */
const stem = (path: string): string => baseName(path).replace(/\.[^.]+$/, '').slice(0, 120);

type Props = { onClose: () => void; onDone: (dataset: Dataset) => void };
/** What was chosen is forgotten when it closes. */
export function ImportDataset({ open, ...props }: Props & { open: boolean }) { return open && <ImportDatasetSteps {...props} />; }

function ImportDatasetSteps({ onClose, onDone }: Props) {
  const { t } = useTranslation('datasets'), [path, setPath] = useState<string | null>(null);
  return (
    <>
      <FilePicker want="dataset" open={path === null} onClose={onClose} onPick={setPath} />
      <Dialog open={path !== null} onClose={onClose} title={t('preview.title', { file: path === null ? '' : baseName(path) })} size={980}>{path !== null && <Preview key={path} path={path} onBack={() => { setPath(null); }} onDone={onDone} />}</Dialog>
    </>
  );
}

function Preview({ path, onBack, onDone }: { path: string; onBack: () => void; onDone: (dataset: Dataset) => void }) {
  const { t } = useTranslation('datasets');
  const [format, setFormat] = useState<string>(), [columns, setColumns] = useState<Record<string, string>>(), [name, setName] = useState(stem(path)), [skip, setSkip] = useState(false), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const reading = { path, ...(format === undefined ? {} : { format }), ...(columns === undefined ? {} : { columns }) };
  const preview = useCall((signal) => api.datasets.inspect(reading, { signal }), JSON.stringify(reading), { keep: true });
  const p = preview.data, readable = p === undefined ? 0 : p.rows;
  const blocked = p === undefined ? '' : p.mapping_needed ? t('preview.mapFirst') : readable === 0 ? t('preview.noRows') : p.bad_rows > 0 && !skip ? t('preview.decideBad') : undefined;
  const go = (): void => {
    setBusy(true);
    setError(null);
    api.datasets.import({ ...reading, ...(name.trim() === '' ? {} : { name: name.trim() }), skip_bad_rows: skip }).then((d) => { toast.done(t('preview.done', { name: d.name })); onDone(d); }, (e: unknown) => { setError(e); setBusy(false); });
  };
  return (
    <div className="stack">
      {preview.error !== null && <ErrorNote error={preview.error} kept={t('preview.kept')} retry={preview.reload} />}
      {p === undefined ? preview.error === null && <div className="stack" aria-busy="true"><p className="muted">{t('preview.reading')}</p><Skeleton height={260} /></div> : (
        <div className="import-data" aria-busy={preview.loading}>
          <div className="stack">
            <TextField label={t('preview.name')} value={name} onChange={setName} maxLength={120} />
            <FormatField preview={p} chosen={format} onChange={(v) => { setFormat(v); setColumns(undefined); }} />
            {p.bad_rows > 0 && <BadRows preview={p} skip={skip} setSkip={setSkip} />}
          </div>
          <div className="stack">
            {(p.mapping_needed || columns !== undefined) && p.fields.length > 0 && <Mapping preview={p} columns={columns} onChange={(c) => { setFormat(format ?? p.format ?? undefined); setColumns(c); }} />}
            <h3 className="small muted">{t('preview.sample')}</h3>
            <div className="sample" tabIndex={0}>{p.sample.length === 0 ? <p className="muted small" style={{ padding: 14 }}>{p.message === null ? t('preview.noSample') : sentence(p.message)}</p> : p.sample.map((row) => <RowCard key={row.index} row={row} />)}</div>
          </div>
        </div>
      )}
      {error !== null && <ErrorNote error={error} kept={t('preview.kept')} />}
      <div className="dialog-acts"><Button onClick={onBack}>{t('preview.other')}</Button><Button kind="primary" busy={busy || (preview.loading && p !== undefined)} disabled={blocked !== undefined} {...(blocked === undefined || blocked === '' ? {} : { reason: blocked })} onClick={go}>{readable === 0 ? t('preview.goPlain') : t('preview.go', { count: readable })}</Button></div>
    </div>
  );
}

function FormatField({ preview: p, chosen, onChange }: { preview: DatasetPreview; chosen: string | undefined; onChange: (format: string) => void }) {
  const { t } = useTranslation(['datasets', 'common']), f = useFormat();
  const note = chosen !== undefined ? t('preview.chosen') : p.format === null || p.confidence === 0 ? t('preview.unknown') : t('preview.sniffed', { share: f.percent(p.confidence) });
  const value = chosen ?? p.format ?? '';
  return <SelectField label={t('preview.format')} note={`${f.bytes(p.bytes)} · ${note}`} value={value} onChange={onChange} options={[...(value === '' ? [{ value: '', label: '–', disabled: true }] : []), ...FORMAT_IDS.map((id) => ({ value: id, label: formatName(id, t) }))]} />;
}

function Mapping({ preview: p, columns, onChange }: { preview: DatasetPreview; columns: Record<string, string> | undefined; onChange: (columns: Record<string, string>) => void }) {
  const { t } = useTranslation('datasets'), f = useFormat(), now = columns ?? p.mapping;
  const set = (field: string, column: string): void => { onChange(Object.fromEntries(Object.entries({ ...now, [field]: column }).filter(([, v]) => v !== ''))); };
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div><h3 className="small">{t('preview.mapping')}</h3><p className="muted small">{t('preview.mappingNote', { columns: f.list(p.columns) })}</p></div>
      <div className="mapping">{p.fields.map((x) => <SelectField key={x.name} label={x.name} note={x.required ? t('preview.required') : t('preview.optional')} value={now[x.name] ?? ''} onChange={(v) => { set(x.name, v); }} options={[{ value: '', label: t('preview.noColumn') }, ...p.columns.map((c) => ({ value: c, label: c }))]} />)}</div>
      {p.mapping_needed && p.fields.every((x) => !x.required || now[x.name] !== undefined) && <div><Button size="s" onClick={() => { onChange(now); }}>{t('preview.mappingUse')}</Button></div>}
    </div>
  );
}

function BadRows({ preview: p, skip, setSkip }: { preview: DatasetPreview; skip: boolean; setSkip: (skip: boolean) => void }) {
  const { t } = useTranslation('datasets'), f = useFormat();
  return (
    <div className="stack" style={{ gap: 8 }}>
      <h3 className="small warn">{t('preview.bad', { count: p.bad_rows })}</h3>
      <ul className="bad-rows" tabIndex={0}>{p.bad.map((b) => <li key={b.line}><b>{t('preview.line', { n: f.number(b.line) })}</b><span>{sentence(b.message.replace(/^Line [\d,]+: /, ''))}</span></li>)}{p.bad_rows > p.bad.length && <li><span className="muted" style={{ gridColumn: '1 / -1' }}>{t('preview.badMore', { count: p.bad_rows - p.bad.length })}</span></li>}</ul>
      <SwitchField label={t('preview.skip', { count: p.bad_rows })} note={t('preview.badNote')} value={skip} onChange={setSkip} />
    </div>
  );
}
