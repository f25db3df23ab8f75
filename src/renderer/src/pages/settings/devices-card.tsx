/** Devices: which one runs use, what there is with the reason where it cannot be used, the self-test of each, and the CUDA files for those who want them. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PROVIDER_NAMES, PROVIDERS, type CardMemory, type DeviceTest, type ProviderId, type SelfTestStep } from '../../../../shared/schema/device.ts';
import type { Settings } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { deviceWhy, sentence } from '../../i18n/sentences.ts';
import { api } from '../../state/client.ts';
import { saveSettings } from '../../state/settings.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, Dot, ErrorNote, Field, parseNumber, SelectField, Skeleton, toast, writeNumber } from '../../ui/index.ts';
import { cardWords } from '../../wizards/train/card-words.ts';

export function DevicesCard({ settings }: { settings: Settings }) {
  const { t } = useTranslation('settings');
  const state = useCall((signal) => api.devices.state({}, { signal }), `devices ${settings.device}`, { keep: true }), { data } = state;
  return (
    <Card title={t('devices.title')} bodyless={false}>
      {state.error !== null && <ErrorNote error={state.error} retry={state.reload} />}
      {data === undefined ? <Skeleton height={90} /> : (
        <div className="stack">
          <div style={{ maxWidth: 280 }}><SelectField label={t('devices.use')} note={data.chosen === null ? sentence(data.problem ?? '') : deviceWhy(data.chosen.why)} value={settings.device} onChange={(device) => { saveSettings({ device: device as Settings['device'] }).catch(toast.error); }}
            options={[{ value: 'auto', label: t('devices.auto') }, ...PROVIDERS.map((id) => ({ value: id, label: PROVIDER_NAMES[id], disabled: !(data.providers.find((p) => p.id === id)?.available ?? false) && settings.device !== id }))]} /></div>
          <CardMemoryField saved={settings.device_memory_gb} memory={data.memory} done={state.reload} />
          <div>{data.providers.map((p) => <Device key={p.id} id={p.id as ProviderId} available={p.available} software={p.software === true} reason={p.reason} last={data.tests.find((x) => x.device === p.id)} done={state.reload} />)}</div>
          <CudaFiles installed={data.cuda.installed} obstacle={data.cuda.obstacle} done={state.reload} />
        </div>
      )}
    </Card>
  );
}

/** Ends what a stream still does when the page is left. */
function useAbort(): () => AbortSignal {
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => { abort.current?.abort(); }, []);
  return () => { abort.current?.abort(); abort.current = new AbortController(); return abort.current.signal; };
}

/** How much of the card runs may plan with. Kept when typing has paused. */
function CardMemoryField({ saved, memory, done }: { saved: number | null; memory: CardMemory | null; done: () => void }) {
  const { t } = useTranslation('settings'), { t: train } = useTranslation('train'), f = useFormat();
  const [typed, setTyped] = useState<string | null>(null), text = typed ?? (saved === null ? '' : writeNumber(saved)), value = text.trim() === '' ? null : parseNumber(text), valid = value === null || (value !== undefined && value >= 0.1 && value <= 10_000);
  useEffect(() => {
    if (typed === null || !valid || value === undefined || value === saved) return undefined;
    const timer = setTimeout(() => { saveSettings({ device_memory_gb: value }).then(done).catch(toast.error); }, 600);
    return () => { clearTimeout(timer); };
  }, [typed, valid, value, saved, done]);
  return (
    <div style={{ maxWidth: 420 }}><Field label={t('devices.memory')} note={t('devices.memoryNote', { found: memory === null ? t('devices.noCard') : cardWords({ ...memory, limit: null }, train, f) })} {...(valid ? {} : { problem: t('devices.memoryRange') })}>
      {(w) => <span className="line" style={{ gap: 8 }}><input className="input" style={{ maxWidth: 160 }} inputMode="decimal" {...w} placeholder={t('devices.memoryPlaceholder')} value={text} onChange={(e) => { setTyped(e.target.value); }} /><span className="muted small">{t('devices.memoryUnit')}</span></span>}
    </Field></div>
  );
}

function Device({ id, available, software, reason, last, done }: { id: ProviderId; available: boolean; software: boolean; reason: string | null; last: DeviceTest | undefined; done: () => void }) {
  const { t } = useTranslation('settings'), f = useFormat(), begin = useAbort();
  const [steps, setSteps] = useState<SelfTestStep[] | null>(null), [busy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    const signal = begin();
    setSteps([]);
    setBusy(true);
    try { for await (const step of api.devices.test({ device: id }, { signal })) setSteps((s) => [...s ?? [], step]); } catch (e) { if (!signal.aborted) toast.error(e); } finally { if (!signal.aborted) { setBusy(false); done(); } }
  };
  return (
    <div className="item" style={{ alignItems: 'start', paddingInline: 0 }}>
      <span style={{ paddingTop: 1 }}><Dot tone={!available ? undefined : last?.ok === false ? 'bad' : software ? 'warn' : 'good'} /></span>
      <div style={{ minWidth: 0, flex: 1 }}>
        <div>{PROVIDER_NAMES[id]} <span className="muted small">{available ? t('devices.available') : t('devices.unavailable')}{available && ` · ${t(last === undefined ? 'devices.untested' : last.ok ? 'devices.passed' : 'devices.failed')}`}</span></div>
        {(!available || id !== 'cpu') && <div className="muted small">{reason === null ? t('devices.noReason') : sentence(reason)}</div>}
        {steps !== null && <ul className="small" aria-live="polite" style={{ margin: '6px 0 0', paddingInlineStart: 0, listStyle: 'none' }}>{steps.map((s) => <li key={s.step}><Dot tone={s.ok ? 'good' : 'bad'} /> {t(`devices.steps.${s.step}`)}: <span className="muted">{sentence(s.text)} ({f.duration(s.seconds)})</span></li>)}</ul>}
      </div>
      {available && <Button size="s" kind="quiet" disabled={busy} onClick={() => { void test(); }} aria-label={t('devices.testOne', { device: PROVIDER_NAMES[id] })}>{busy ? t('devices.testing') : t('devices.test')}</Button>}
    </div>
  );
}

function CudaFiles({ installed, obstacle, done }: { installed: boolean; obstacle: string | null; done: () => void }) {
  const { t } = useTranslation('settings'), begin = useAbort(), [line, setLine] = useState<string | null>(null), [error, setError] = useState<unknown>(null);
  const fetch = async (): Promise<void> => {
    const signal = begin();
    setError(null);
    setLine(t('devices.cuda.starting'));
    try { for await (const item of api.devices.fetchCuda({ confirmed: true }, { signal })) if (!item.done) setLine(item.line); done(); } catch (e) { if (!signal.aborted) setError(e); } finally { if (!signal.aborted) setLine(null); }
  };
  return (
    <div className="stack" style={{ gap: 6 }}>
      <p className="muted small">{installed ? t('devices.cuda.installed') : obstacle === null ? t('devices.cuda.body') : sentence(obstacle)}</p>
      {!installed && obstacle === null && <div><Button size="s" disabled={line !== null} onClick={() => { void fetch(); }}>{t('devices.cuda.fetch')}</Button></div>}
      {line !== null && <p className="mono small muted" aria-live="polite" style={{ overflowWrap: 'anywhere' }}>{line}</p>}
      {error !== null && <ErrorNote error={error} />}
    </div>
  );
}
