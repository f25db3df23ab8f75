/** Export of a model or a checkpoint: format, options, place, what it needs; then its progress and the proof that the files answer alike. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EXPORT_FORMATS, exportFormatOf } from '../../../../shared/export-formats.ts';
import type { ExportFormatId, ExportType } from '../../../../shared/export-formats.ts';
import type { ExportChoice, ExportPlan } from '../../../../shared/schema/export.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useCheckpoints, useExports, useModel, useRuns } from '../../state/entities.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Dialog, Dot, ErrorNote, KeyValue, NumberField, Pill, SelectField, Skeleton, TextField } from '../../ui/index.ts';
import { FilePicker } from '../picker/file-picker.tsx';
import { ExportProgress } from './export-progress.tsx';
import './export.css';

export interface ExportTarget { modelId: string; checkpointId: string | null }
const GB = 1e9, BASE = '', KEY = 'anneal.export.folder';

/** `target` null: closed. */
export function ExportDialog({ target, onClose }: { target: ExportTarget | null; onClose: () => void }) {
  const { t } = useTranslation('export'), model = useModel(target?.modelId), [started, setStarted] = useState<string | null>(null);
  const close = (): void => { setStarted(null); onClose(); };
  return (
    <Dialog open={target !== null} onClose={close} title={t('title', { name: model?.name ?? '' })} size={880}>
      {target !== null && (started === null ? <ExportForm key={`${target.modelId}:${target.checkpointId ?? ''}`} target={target} onStarted={setStarted} onClose={close} /> : <Started id={started} onAgain={() => { setStarted(null); }} onClose={close} />)}
    </Dialog>
  );
}

function Started({ id, onAgain, onClose }: { id: string; onAgain: () => void; onClose: () => void }) {
  const { t } = useTranslation('export'), record = useExports().find((e) => e.id === id), running = record === undefined || record.status === 'running';
  return (
    <div className="stack">
      {record === undefined ? <Skeleton height={60} /> : <ExportProgress record={record} />}
      <div className="dialog-acts">{!running && <Button onClick={onAgain}>{t('again')}</Button>}<Button onClick={onClose} autoFocus>{t(running ? 'hide' : 'close')}</Button></div>
    </div>
  );
}

function ExportForm({ target, onStarted, onClose }: { target: ExportTarget; onStarted: (id: string) => void; onClose: () => void }) {
  const { t } = useTranslation(['export', 'common']), f = useFormat();
  const model = useModel(target.modelId), runs = useRuns(), checkpoints = useCheckpoints().filter((c) => c.model_id === target.modelId);
  const [checkpointId, setCheckpoint] = useState(target.checkpointId), checkpoint = checkpoints.find((c) => c.id === checkpointId), isAdapter = checkpoint?.kind === 'adapter';
  const [format, setFormat] = useState<ExportFormatId>(isAdapter ? 'peft' : 'hf'), [type, setType] = useState<ExportType | null>(null), [shard, setShard] = useState<number | undefined>(5), [system, setSystem] = useState('');
  const [folder, setFolder] = useState(() => localStorage.getItem(KEY) ?? ''), [name, setName] = useState<string | null>(null), [picking, setPicking] = useState(false), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const chosen = exportFormatOf(format).needsAdapter && !isAdapter ? 'hf' : format, def = exportFormatOf(chosen), usedType = type !== null && def.types.includes(type) ? type : def.default;

  const places = useCall((signal) => api.files.list({ want: 'folder' }, { signal }), 'places');
  const parent = folder !== '' ? folder : places.data?.places[0]?.path ?? '';
  const choice: ExportChoice = { model_id: target.modelId, checkpoint_id: checkpointId, format: chosen, type: usedType, ...(def.options.includes('max_shard_bytes') && shard !== undefined && shard >= 0.001 ? { max_shard_bytes: Math.round(shard * GB) } : {}), ...(def.options.includes('system') && system.trim() !== '' ? { system: system.trim() } : {}) };
  const suggested = useCall((signal) => api.exports.plan(choice, { signal }), JSON.stringify(choice), { keep: true });
  const out = suggested.data === undefined || parent === '' ? null : join(parent, (name ?? suggested.data.name).trim());
  const placed = useCall((signal) => api.exports.plan({ ...choice, out: out ?? '' }, { signal }), out === null || suggested.loading ? null : JSON.stringify([choice, out]), { keep: true });
  const plan = placed.data ?? suggested.data, problem = suggested.error ?? placed.error;

  const go = (): void => {
    if (out === null) return;
    setBusy(true);
    setError(null);
    localStorage.setItem(KEY, parent);
    api.exports.start({ ...choice, out }).then((r) => { onStarted(r.id); }, (e: unknown) => { setError(e); setBusy(false); });
  };
  const ready = out !== null && (name === null || name.trim() !== '') && problem === null && plan?.fits === true;
  return (
    <>
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (ready && !busy) go(); }}>
      <div className="exp-cols">
        <div className="stack">
          <SelectField label={t('export:what')} value={checkpointId ?? BASE} onChange={(v) => { setCheckpoint(v === BASE ? null : v); }} options={[{ value: BASE, label: t('export:base', { name: model?.name ?? '' }) }, ...checkpoints.map((c) => ({ value: c.id, label: c.imported === undefined ? t('export:checkpoint', { run: runs.find((r) => r.id === c.run_id)?.name ?? c.run_name, step: f.number(c.step) }) : c.run_name }))]} />
          <div className="exp-formats" role="radiogroup" aria-label={t('export:formatTitle')}>
            {EXPORT_FORMATS.map((x) => { const off = x.needsAdapter && !isAdapter; return (
              <label key={x.id} data-on={x.id === chosen} data-off={off ? true : undefined}><input type="radio" name="format" value={x.id} checked={x.id === chosen} disabled={off} {...(x.id === chosen ? { 'data-autofocus': true } : {})} onChange={() => { setFormat(x.id); setType(null); }} /><i aria-hidden /><b>{t(`export:format.${x.id}.name`)}</b><span>{off ? t('export:needsAdapter') : t(`export:format.${x.id}.for`)}</span></label>
            ); })}
          </div>
        </div>
        <div className="stack">
          {def.types.length > 1 && <SelectField label={t('export:type')} value={usedType} onChange={(v) => { setType(v as ExportType); }} options={def.types.map((x) => ({ value: x, label: t(`export:types.${x}`) }))} note={plan === undefined ? undefined : t(plan.lossless ? 'export:lossless' : 'export:lossy')} />}
          {def.options.includes('max_shard_bytes') && <NumberField label={t('export:shard')} note={t('export:shardNote')} unit={t('export:gigabytes')} min={0.001} max={1000} step={1} value={shard} onChange={setShard} />}
          {def.options.includes('system') && <TextField multiline rows={2} label={t('export:system')} placeholder={t('export:systemPlaceholder')} value={system} onChange={setSystem} />}
          <div className="exp-where"><TextField label={t('export:folder')} note={t('export:folderNote')} mono value={parent} onChange={setFolder} /><Button onClick={() => { setPicking(true); }}>{t('export:choose')}</Button></div>
          <TextField label={t('export:name')} mono value={name ?? suggested.data?.name ?? ''} onChange={setName} maxLength={200} />
          <Needs plan={plan} busy={suggested.loading || placed.loading} problem={problem} retry={() => { suggested.reload(); placed.reload(); }} />
        </div>
      </div>
      {error !== null && <ErrorNote error={error} kept={t('export:failedKept')} />}
      <div className="dialog-acts" style={{ marginTop: 0 }}><span className="muted small exp-then">{t('export:then')}</span><Button onClick={onClose}>{t('common:cancel')}</Button><Button type="submit" kind="primary" busy={busy} disabled={!ready}>{t('export:go')}</Button></div>
    </form>
    {/* Outside of the form: what is submitted in the picker must not reach it. */}
    <FilePicker want="folder" open={picking} onClose={() => { setPicking(false); }} onPick={(path) => { setFolder(path); setPicking(false); }} />
    </>
  );
}

function Needs({ plan, busy, problem, retry }: { plan: ExportPlan | undefined; busy: boolean; problem: unknown; retry: () => void }) {
  const { t } = useTranslation('export'), f = useFormat(), estimate = <span className="faint"> {t('needs.estimate')}</span>;
  if (problem !== null) return <ErrorNote level="warn" error={problem} retry={retry} />;
  if (plan === undefined) return <div aria-busy={busy} aria-label={t('needs.asking')}><Skeleton height={110} /></div>;
  return (
    <div className="exp-needs" aria-busy={busy}>
      <KeyValue items={[
        [t('needs.disk'), <details key="d" className="file-list"><summary>{t('needs.diskValue', { bytes: f.bytes(plan.bytes), count: plan.files.length })}</summary><ul aria-label={t('needs.files')}>{plan.files.map((x) => <li key={x.name}><code>{x.name}</code><span>{f.bytes(x.bytes)}</span></li>)}</ul></details>],
        plan.free !== null && [t('needs.free'), f.bytes(plan.free)],
        [t('needs.write'), <span key="w">{f.bytes(plan.memory.write)}{estimate}</span>],
        [t('needs.prove'), <span key="p">{f.bytes(plan.memory.prove)}{estimate}</span>],
        [t('needs.available'), f.bytes(plan.memory.available)],
      ]} />
      {!plan.fits && <p className="exp-verdict"><Dot tone="bad" />{t('needs.notFits')}</p>}
      {plan.notes.length > 0 && <ul className="exp-notes">{plan.notes.map((n) => <li key={n}><Pill tone="warn">!</Pill>{n}</li>)}</ul>}
    </div>
  );
}

/** Joins with the separator that the folder itself uses. */
const join = (folder: string, name: string): string => { const by = folder.includes('\\') && !folder.includes('/') ? '\\' : '/'; return `${folder.replace(/[/\\]+$/, '')}${by}${name}`; };
