/** Download from the hub: name it, see licence, size and files, then fetch. The network is used when "Look it up" or "Download" is pressed, never before. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorShape } from '../../../../shared/errors.ts';
import type { HubAccess, HubPreview } from '../../../../shared/schema/hub.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useModel } from '../../state/entities.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Dialog, Dot, ErrorNote, Field, KeyValue, LinkButton, Pill, SelectField, Skeleton, SwitchField, TextField, toast } from '../../ui/index.ts';
import './models.css';

export function DownloadModel({ open, onClose, onStarted }: { open: boolean; onClose: () => void; onStarted: () => void }) {
  const { t } = useTranslation('models');
  return <Dialog open={open} onClose={onClose} title={t('download.title')} size={680}>{open && <Body onStarted={onStarted} />}</Dialog>;
}

function Body({ onStarted }: { onStarted: () => void }) {
  const { t } = useTranslation('models'), [typed, setTyped] = useState(''), [revision, setRevision] = useState(''), [asked, setAsked] = useState<{ model: string; turn: number } | null>(null), [file, setFile] = useState<string | null>(null);
  const access = useCall((signal) => api.hub.access({}, { signal }), 'access'), endpoint = access.data?.endpoint ?? '';
  const seen = useCall((signal) => api.hub.inspect({ model: asked?.model ?? '', ...(file === null ? {} : { file }) }, { signal }), asked === null ? null : JSON.stringify([asked, file]), { keep: file !== null });
  const look = (): void => {
    const name = typed.trim();
    if (name === '') return;
    setFile(null);
    setAsked({ model: revision.trim() === '' || name.includes('@') ? name : `${name}@${revision.trim()}`, turn: (asked?.turn ?? 0) + 1 });
  };
  const refused = seen.error !== null && errorShape(seen.error).code === 'hub-refused', gated = seen.data?.gated === true || seen.data?.private === true;
  return (
    <div className="stack">
      <form className="dl-ask" onSubmit={(e) => { e.preventDefault(); look(); }}>
        <TextField label={t('download.model')} mono placeholder={t('download.modelPlaceholder')} note={t('download.modelNote', { endpoint })} value={typed} onChange={setTyped} maxLength={300} autoFocus />
        <TextField label={t('download.revision')} mono placeholder={t('download.revisionPlaceholder')} note={t('download.revisionNote')} value={revision} onChange={setRevision} maxLength={120} />
        <Button type="submit" busy={asked !== null && seen.loading} disabled={typed.trim() === ''} {...(seen.data === undefined ? { kind: 'primary' as const } : {})}>{t('download.ask')}</Button>
      </form>
      {seen.error !== null ? <ErrorNote error={seen.error} kept={t('preview.kept')} retry={seen.reload} /> : asked !== null && seen.data === undefined ? <div className="stack" role="status"><p className="muted small">{t('download.asking', { endpoint })}</p><Skeleton height={150} /></div>
        : seen.data !== undefined && asked !== null && <Preview key={JSON.stringify([seen.data.model, seen.data.commit])} preview={seen.data} asked={asked.model} file={file} setFile={setFile} onStarted={onStarted} />}
      {(refused || gated || (access.data !== undefined && access.data.token !== 'none')) && access.data !== undefined && <Token access={access.data} onSet={() => { access.reload(); if (refused) seen.reload(); }} />}
      <p className="faint small">{t('download.offline')}</p>
    </div>
  );
}

function Preview({ preview: p, asked, file, setFile, onStarted }: { preview: HubPreview; asked: string; file: string | null; setFile: (file: string | null) => void; onStarted: () => void }) {
  const { t } = useTranslation('models'), f = useFormat(), have = useModel(p.model_id);
  const [name, setName] = useState(p.model.split('/').at(-1) ?? p.model), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const go = (): void => {
    setBusy(true);
    setError(null);
    api.hub.download({ model: asked, ...(file === null ? {} : { file }), ...(name.trim() === '' ? {} : { name: name.trim() }) }).then(onStarted, (e: unknown) => { setError(e); setBusy(false); });
  };
  return (
    <div className="stack">
      <div className="line"><b>{p.model}</b>{p.gated && <Pill tone="warn">{t('download.gated')}</Pill>}{p.private && <Pill>{t('download.private')}</Pill>}<span className="muted small">{p.revision}</span></div>
      <p className="dl-license"><Dot tone={p.license === null ? 'warn' : 'steel'} /><span>{p.license === null ? t('download.noLicense') : <><b>{t('download.license')}: {p.license}</b>. {t('download.licenseNote')}</>}{p.license_link !== null && <code> {p.license_link}</code>}</span></p>
      {p.gguf.length > 0 && <SelectField label={t('download.file')} note={t('download.fileNote')} value={file ?? ''} onChange={(v) => { setFile(v === '' ? null : v); }} options={[...(p.format === 'folder' || file === null ? [{ value: '', label: p.format === 'folder' ? t('download.folder') : '–' }] : []), ...p.gguf.map((x) => ({ value: x.path, label: `${x.path} (${f.bytes(x.bytes)})` }))]} />}
      <KeyValue items={[
        [t('download.family'), p.family ?? <span key="f" className="faint">{t('download.familyUnknown')}</span>],
        [t('download.size'), <details key="s" className="file-list"><summary>{f.bytes(p.bytes)}, {t('download.files', { count: p.files.length })}</summary><ul>{p.files.map((x) => <li key={x.path}><code>{x.path}</code><span>{f.bytes(x.bytes)}</span></li>)}</ul></details>],
        [t('download.disk'), f.bytes(p.disk_needed)],
        [t('download.free'), f.bytes(p.disk_free)],
        [t('download.commit'), <code key="c">{p.commit.slice(0, 12)}</code>],
      ]} />
      {have && <div className="line"><Dot tone="good" /><span>{t('download.have')}</span><LinkButton size="s" href={routes.model(have.id)}>{t('download.open')}</LinkButton></div>}
      {p.problems.length > 0 && <div><h3 className="small" style={{ marginBottom: 6 }}>{t('download.problems')}</h3><ul className="warnings">{p.problems.map((x) => <li key={x}><Dot tone="bad" /><span>{x}</span></li>)}</ul></div>}
      <TextField label={t('download.name')} value={name} onChange={setName} maxLength={120} />
      {error !== null && <ErrorNote error={error} kept={t('preview.kept')} />}
      <div className="dialog-acts" style={{ marginTop: 0 }}><Button kind="primary" busy={busy} disabled={p.problems.length > 0 || have !== undefined || (p.format === 'gguf' && p.files.length === 0)} onClick={go}>{t('download.go', { bytes: f.bytes(p.bytes) })}</Button></div>
    </div>
  );
}

function Token({ access, onSet }: { access: HubAccess; onSet: () => void }) {
  const { t } = useTranslation('models'), [token, setToken] = useState(''), [remember, setRemember] = useState(false), [busy, setBusy] = useState(false);
  const give = (value: string | null): void => { setBusy(true); api.hub.token({ token: value, remember }).then(() => { setToken(''); onSet(); }, toast.error).finally(() => { setBusy(false); }); };
  return (
    <form className="dl-token" onSubmit={(e) => { e.preventDefault(); if (token.trim() !== '') give(token.trim()); }}>
      <Field label={t('download.token')} note={t('download.tokenNote')}>{(w) => <input className="input mono" type="password" autoComplete="off" spellCheck={false} {...w} value={token} maxLength={500} onChange={(e) => { setToken(e.target.value); }} />}</Field>
      <SwitchField label={t('download.remember')} value={remember} onChange={setRemember} />
      <div className="line">{access.token !== 'none' && <span className="muted small">{t(`download.hasToken.${access.token}`)}</span>}<span className="end line">{(access.token === 'memory' || access.token === 'file') && <Button size="s" kind="quiet" busy={busy} onClick={() => { give(null); }}>{t('download.forgetToken')}</Button>}<Button size="s" type="submit" busy={busy} disabled={token.trim() === ''}>{t('download.useToken')}</Button></span></div>
    </form>
  );
}
