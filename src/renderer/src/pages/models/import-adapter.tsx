/** Import of a PEFT adapter: what it changes, and the model that it is put on, checked layer by layer before anything is kept. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdapterFacts } from '../../../../shared/schema/adapter.ts';
import type { Model } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useModels } from '../../state/entities.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Dot, ErrorNote, KeyValue, Pill, SelectField, TextField, toast } from '../../ui/index.ts';

const last = (path: string): string => path.split(/[/\\]/).findLast((p) => p !== '') ?? path;
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
/** The model that the adapter's folder names, if one of that name is here. */
export function likelyBase(models: readonly Model[], base: string | null): Model | undefined {
  const here = models.filter((m) => !m.missing), wanted = base === null ? '' : plain(last(base));
  return (wanted === '' ? undefined : here.find((m) => m.path === base) ?? here.find((m) => plain(m.name) === wanted) ?? here.find((m) => plain(last(m.path)) === wanted)) ?? (here.length === 1 ? here[0] : undefined);
}

export function ImportAdapter({ facts, name: given, onBack, onDone }: { facts: AdapterFacts; name: string; onBack: () => void; onDone: (modelId: string) => void }) {
  const { t } = useTranslation('models'), f = useFormat(), models = useModels().filter((m) => !m.missing);
  const [name, setName] = useState(given), [picked, setPicked] = useState<string | null>(null), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const model = models.find((m) => m.id === picked) ?? likelyBase(models, facts.base), { adapter: a } = facts;
  const fit = useCall((signal) => api.adapters.inspect({ path: facts.path, model_id: model?.id ?? null }, { signal }), model === undefined ? null : `${facts.path}:${model.id}`);
  const fits = model !== undefined && fit.data !== undefined && fit.data.problem === null;
  const go = (): void => {
    if (model === undefined) return;
    setBusy(true);
    setError(null);
    api.adapters.import({ path: facts.path, model_id: model.id, ...(name.trim() === '' ? {} : { name: name.trim() }) }).then((c) => { toast.done(t('adapter.done', { name: c.run_name })); onDone(model.id); }, (e: unknown) => { setError(e); setBusy(false); });
  };
  const kind = `${a.use_dora ? 'DoRA' : 'LoRA'}${a.use_rslora ? ', rsLoRA' : ''}${a.bias === 'none' ? '' : `, bias ${a.bias}`}`;
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (fits && !busy) go(); }}>
      <div className="preview-cols">
        <div className="stack">
          <TextField label={t('preview.name')} value={name} onChange={setName} maxLength={120} />
          <KeyValue items={[
            [t('preview.recognised'), <Pill key="k" tone="ember">{t('preview.kind.adapter')}</Pill>],
            [t('adapter.kind'), kind],
            [t('adapter.rank'), t('adapter.rankValue', { r: f.number(a.r), alpha: f.number(a.lora_alpha) })],
            [t('adapter.targets'), t('adapter.targetsValue', { n: f.number(facts.layers), modules: typeof a.target_modules === 'string' ? a.target_modules : f.list(a.target_modules) })],
            a.modules_to_save.length > 0 && [t('adapter.alsoFull'), f.list(a.modules_to_save)],
            [t('adapter.parameters'), f.count(facts.parameters)],
            [t('fact.size'), f.bytes(facts.bytes)],
            [t('fact.hash'), <code key="h" title={facts.weight_hash}>{facts.weight_hash.slice(0, 12)}</code>],
            [t('adapter.base'), facts.base ?? <span key="b" className="faint">{t('adapter.baseUnknown')}</span>],
            [t('fact.path'), <code key="p">{facts.path}</code>],
          ]} />
        </div>
        <div className="stack">
          <SelectField label={t('adapter.model')} note={t('adapter.modelNote')} value={model?.id ?? ''} onChange={setPicked} options={[...(model === undefined ? [{ value: '', label: models.length === 0 ? t('adapter.noModels') : t('adapter.choose') }] : []), ...models.map((m) => ({ value: m.id, label: `${m.name} (${m.family}, ${f.count(m.parameters)})` }))]} />
          {model !== undefined && (fit.error !== null ? <ErrorNote error={fit.error} retry={fit.reload} />
            : <p className="import-fit" role="status"><Dot tone={fit.data === undefined ? undefined : fits ? 'good' : 'bad'} /><span>{fit.data === undefined ? t('adapter.checking') : fits ? t('adapter.fits') : t('adapter.fitsNot')}{fit.data !== undefined && fit.data.problem !== null && <span className="muted"> {fit.data.problem}</span>}</span></p>)}
        </div>
      </div>
      {error !== null && <ErrorNote error={error} kept={t('preview.kept')} />}
      <div className="dialog-acts"><span className="muted small import-note">{t('preview.noteAdapter')}</span><Button onClick={onBack} disabled={busy}>{t('preview.other')}</Button><Button type="submit" kind="primary" busy={busy} disabled={!fits}>{t('preview.go')}</Button></div>
    </form>
  );
}
