/** Import of what lies on the disk: a Hugging Face folder, a GGUF file, or a PEFT adapter. Choose it, see what it was recognised as and what the import will do, then import. Nothing is kept before the last step. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorShape } from '../../../../shared/errors.ts';
import type { AdapterFacts } from '../../../../shared/schema/adapter.ts';
import type { ModelPreview } from '../../../../shared/schema/data.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useImports } from '../../state/imports.ts';
import { useSystem } from '../../state/system.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Dialog, Dot, ErrorNote, KeyValue, Pill, Skeleton, TextField, toast } from '../../ui/index.ts';
import { FilePicker } from '../../wizards/picker/file-picker.tsx';
import { ModelFacts } from '../model-facts.tsx';
import { ImportAdapter } from './import-adapter.tsx';
import { ImportProgress } from './imports-card.tsx';
import { TemplateView } from './template-view.tsx';
import './models.css';

/** Last part of a path, without the ending of a GGUF file. */
const nameOf = (path: string): string => (path.split(/[/\\]/).findLast((p) => p !== '') ?? path).replace(/\.gguf$/i, '');
type Recognised = { kind: 'folder' | 'gguf'; preview: ModelPreview } | { kind: 'adapter'; facts: AdapterFacts };

/** What is at a path. A folder without adapter_config.json is looked at as a model. */
async function recognise(path: string, signal: AbortSignal): Promise<Recognised> {
  if (/\.gguf$/i.test(path)) return { kind: 'gguf', preview: await api.models.inspect({ path }, { signal }) };
  try { return { kind: 'adapter', facts: await api.adapters.inspect({ path, model_id: null }, { signal }) }; } catch (e) {
    const { code } = errorShape(e);
    if (code !== 'file-not-found') throw e;
  }
  return { kind: 'folder', preview: await api.models.inspect({ path }, { signal }) };
}

type Props = { onClose: () => void; /** The model to show: the imported one, or the one that an adapter belongs to. */ onDone: (modelId: string) => void };
/** What was chosen is forgotten when it closes. */
export function ImportModel({ open, ...props }: Props & { open: boolean }) { return open && <ImportSteps {...props} />; }

function ImportSteps({ onClose, onDone }: Props) {
  const { t } = useTranslation('models'), [path, setPath] = useState<string | null>(null);
  return (
    <>
      <FilePicker want="model" open={path === null} onClose={onClose} onPick={setPath} />
      <Dialog open={path !== null} onClose={onClose} title={t('preview.title')} size={860}>{path !== null && <ImportPreview path={path} onBack={() => { setPath(null); }} onDone={onDone} />}</Dialog>
    </>
  );
}

function ImportPreview({ path, onBack, onDone }: { path: string; onBack: () => void; onDone: (modelId: string) => void }) {
  const { t } = useTranslation('models'), found = useCall((signal) => recognise(path, signal), path);
  if (found.data?.kind === 'adapter') return <ImportAdapter facts={found.data.facts} name={nameOf(path)} onBack={onBack} onDone={onDone} />;
  if (found.data !== undefined) return <ImportBase path={path} kind={found.data.kind} preview={found.data.preview} onBack={onBack} onDone={onDone} />;
  return (
    <div className="stack">
      {found.error === null ? <div className="stack" aria-busy="true"><p className="muted">{t('preview.reading')}</p><Skeleton height={200} /></div> : <ErrorNote error={found.error} kept={t('preview.kept')} retry={found.reload} />}
      <div className="dialog-acts"><Button onClick={onBack} autoFocus>{t('preview.other')}</Button></div>
    </div>
  );
}

function ImportBase({ path, kind, preview: p, onBack, onDone }: { path: string; kind: 'folder' | 'gguf'; preview: ModelPreview; onBack: () => void; onDone: (modelId: string) => void }) {
  const { t } = useTranslation('models'), f = useFormat(), free = useSystem((s) => s.info?.home_free ?? null), [name, setName] = useState(nameOf(path)), [asking, setAsking] = useState(false), [refused, setRefused] = useState<unknown>(null), [job, setJob] = useState<string | null>(null), { imports } = useImports(), seen = useRef(false);
  const warnings = [...(p.supported ? [] : [t('preview.unsupported', { family: p.family })]), ...p.warnings], writes = p.import_writes ?? 0;
  const go = (): void => {
    setAsking(true);
    setRefused(null);
    if (job !== null) api.models.cancelImport({ id: job }).catch(toast.error);
    setJob(null);
    api.models.startImport({ path, ...(name.trim() === '' ? {} : { name: name.trim() }) }).then((j) => { setJob(j.id); }, setRefused).finally(() => { setAsking(false); });
  };
  const mine = imports.find((j) => j.id === job), error = mine?.error ?? refused, busy = asking || (job !== null && mine?.status !== 'failed');
  const cancel = (): void => { if (job !== null) { setJob(null); api.models.cancelImport({ id: job }).then(() => { toast.done(t('importing.cancelled', { name })); }, toast.error); } };
  // What has ended here is seen here: it leaves the list of imports.
  useEffect(() => {
    if (mine?.status !== 'done' || mine.model_id === null || seen.current) return;
    seen.current = true;
    api.models.cancelImport({ id: mine.id }).catch(toast.error);
    toast.done(t('preview.done', { name: mine.name }));
    onDone(mine.model_id);
  }, [mine, onDone, t]);
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (!busy) go(); }}>
      <div className="preview-cols">
        <div className="stack">
          <TextField label={t('preview.name')} value={name} onChange={setName} maxLength={120} />
          <KeyValue items={[
            [t('preview.recognised'), <Pill key="k" tone="steel">{t(`preview.kind.${kind}`)}</Pill>],
            kind === 'gguf' && [t('preview.writes'), <span key="w">{writes === 0 ? t('preview.writesNone') : t('preview.writesValue', { bytes: f.bytes(writes) })}{free !== null && <span className="faint"> ({t('download.free')}: {f.bytes(free)})</span>}</span>],
          ]} />
          <ModelFacts model={p} />
        </div>
        <div className="stack">
          {warnings.length > 0 && <div><h3 className="small" style={{ marginBottom: 6 }}>{t('preview.warnings')}</h3><ul className="warnings">{warnings.map((w) => <li key={w}><Dot tone="warn" /><span>{w}</span></li>)}</ul></div>}
          <h3 className="small">{t('template.title')}</h3>
          <TemplateView template={p.template} preview={p.template_preview} />
        </div>
      </div>
      {error !== null && <ErrorNote error={error} kept={t('preview.kept')} />}
      {mine?.status === 'running' && mine.bytes > 0 && <ImportProgress job={mine} />}
      <div className="dialog-acts"><span className="muted small import-note" role="status">{t(busy ? 'importing.working' : kind === 'gguf' ? 'preview.noteGguf' : 'preview.note')}</span>{job === null || !busy ? <Button onClick={onBack} disabled={busy}>{t('preview.other')}</Button> : <Button onClick={cancel}>{t('importing.cancel')}</Button>}<Button type="submit" kind="primary" busy={busy}>{t('preview.go')}</Button></div>
    </form>
  );
}
