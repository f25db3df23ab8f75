/** Import of a model: choose a folder, see what it is, then import. Nothing is kept before the last step. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelPreview } from '../../../../shared/schema/data.ts';
import type { Model } from '../../../../shared/schema/entities.ts';
import { api } from '../../state/client.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Dialog, Dot, ErrorNote, Skeleton, TextField, toast } from '../../ui/index.ts';
import { FilePicker } from '../../wizards/picker/file-picker.tsx';
import { ModelFacts } from '../model-facts.tsx';
import { TemplateView } from './template-view.tsx';
import './models.css';

const lastPart = (path: string): string => path.split(/[/\\]/).findLast((p) => p !== '') ?? path;

type Props = { onClose: () => void; onDone: (model: Model) => void };
/** What was chosen is forgotten when it closes. */
export function ImportModel({ open, ...props }: Props & { open: boolean }) { return open && <ImportModelSteps {...props} />; }

function ImportModelSteps({ onClose, onDone }: Props) {
  const { t } = useTranslation('models'), [path, setPath] = useState<string | null>(null);
  return (
    <>
      <FilePicker want="model" open={path === null} onClose={onClose} onPick={setPath} />
      <Dialog open={path !== null} onClose={onClose} title={t('preview.title')} size={860}>{path !== null && <ImportPreview path={path} onBack={() => { setPath(null); }} onDone={onDone} />}</Dialog>
    </>
  );
}

function ImportPreview({ path, onBack, onDone }: { path: string; onBack: () => void; onDone: (model: Model) => void }) {
  const { t } = useTranslation('models'), preview = useCall((signal) => api.models.inspect({ path }, { signal }), path);
  const [name, setName] = useState(lastPart(path)), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const go = (): void => {
    setBusy(true);
    setError(null);
    api.models.import({ path, ...(name.trim() === '' ? {} : { name: name.trim() }) }).then((m) => { toast.done(t('preview.done', { name: m.name })); onDone(m); }, (e: unknown) => { setError(e); setBusy(false); });
  };
  return (
    <div className="stack">
      {preview.error !== null ? <ErrorNote error={preview.error} kept={t('preview.kept')} retry={preview.reload} />
        : preview.data === undefined ? <div className="stack" aria-busy="true"><p className="muted">{t('preview.reading')}</p><Skeleton height={200} /></div>
          : <PreviewBody preview={preview.data} name={name} setName={setName} />}
      {error !== null && <ErrorNote error={error} kept={t('preview.kept')} />}
      <div className="dialog-acts"><span className="muted small" style={{ marginRight: 'auto', alignSelf: 'center' }}>{t('preview.note')}</span><Button onClick={onBack}>{t('preview.other')}</Button><Button kind="primary" busy={busy} disabled={preview.data === undefined} onClick={go}>{t('preview.go')}</Button></div>
    </div>
  );
}

function PreviewBody({ preview: p, name, setName }: { preview: ModelPreview; name: string; setName: (name: string) => void }) {
  const { t } = useTranslation('models');
  const warnings = [...(p.supported ? [] : [t('preview.unsupported', { family: p.family })]), ...p.warnings];
  return (
    <div className="preview-cols">
      <div className="stack"><TextField label={t('preview.name')} value={name} onChange={setName} maxLength={120} /><ModelFacts model={p} /></div>
      <div className="stack">
        {warnings.length > 0 && <div><h3 className="small" style={{ marginBottom: 6 }}>{t('preview.warnings')}</h3><ul className="warnings">{warnings.map((w) => <li key={w}><Dot tone="warn" /><span>{w}</span></li>)}</ul></div>}
        <h3 className="small">{t('template.title')}</h3>
        <TemplateView template={p.template} preview={p.template_preview} />
      </div>
    </div>
  );
}
