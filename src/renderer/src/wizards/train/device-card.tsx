/** Where the run is computed and in what: the device with what is known of it, the precision, and the arithmetic of frozen layers. What cannot be chosen says why. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { proofsFor } from '../../../../shared/int8-proof.ts';
import { PROVIDER_NAMES, providerId, type DeviceChoice, type DeviceTest, type Precision, type ProviderId } from '../../../../shared/schema/device.ts';
import { useFormat } from '../../i18n/format.ts';
import { deviceWhy, sentence } from '../../i18n/sentences.ts';
import { api } from '../../state/client.ts';
import { useModels } from '../../state/entities.ts';
import { useSettings } from '../../state/settings.ts';
import { useSystem } from '../../state/system.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, Dot, ErrorNote, Field, Pill, Segmented, Skeleton, toast } from '../../ui/index.ts';
import { useDraft } from './draft-store.ts';
import { cardWords } from './card-words.ts';
import { EntityList, type Choice } from './entity-list.tsx';
import { paramFields, valueOf } from './param-fields.ts';

const SETTING = '';

export function DeviceCard() {
  const { t } = useTranslation('train'), f = useFormat();
  const { draft, change, setParam } = useDraft(), setting = useSettings()?.device ?? 'auto', threads = useSystem((s) => s.info?.threads);
  const field = paramFields(draft.method, draft.adapter).find((x) => x.name === 'compute'), compute = field === undefined ? 'fp32' : String(valueOf(draft, field));
  const state = useCall((signal) => api.devices.state({}, { signal }), `devices ${setting}`, { keep: true });
  const wanted = { ...(draft.device === undefined ? {} : { device: draft.device }), ...(draft.precision === undefined ? {} : { precision: draft.precision }), compute };
  const answer = useCall((signal) => api.devices.choose(wanted, { signal }), `${setting} ${JSON.stringify(wanted)}`, { keep: true });
  const { data } = state, failed = state.error ?? answer.error;
  if (data === undefined) return <Card title={t('device.title')}><div className="body stack">{failed === null || failed === undefined ? <><Skeleton height={18} /><Skeleton width="60%" /></> : <ErrorNote error={failed} retry={() => { state.reload(); answer.reload(); }} />}</div></Card>;

  const value = draft.device === undefined || (draft.device === 'auto' && setting === 'auto') ? SETTING : draft.device;
  const here = data.providers.filter((p) => p.available), absent = data.providers.filter((p) => !p.available && p.id !== 'tfjs');
  const ofSetting = data.chosen === null ? sentence(data.problem ?? '') : deviceWhy(data.chosen.why);
  const choices: Choice[] = [
    { value: SETTING, name: setting === 'auto' ? t('device.auto') : t('device.asSet', { device: PROVIDER_NAMES[setting] }), facts: [ofSetting] },
    ...(setting === 'auto' ? [] : [{ value: 'auto', name: t('device.auto'), facts: [t('device.autoFacts')] }]),
    ...here.map((p): Choice => {
      const id = providerId.parse(p.id), own = data.tests.find((x) => x.device === id);
      if (id === 'cpu') return { value: id, name: t('device.cpu'), facts: threads === undefined ? [] : [t('device.threads', { count: threads })] };
      return { value: id, name: PROVIDER_NAMES[id], facts: [...(p.software === true ? [t('device.software')] : id === 'tfjs' || data.memory === null ? [] : [cardWords(data.memory, t, f)]), ...(own?.ok === false ? [sentence(own.text)] : [])], tag: <TestPill test={own} /> };
    }),
  ];
  const chosen = answer.data?.chosen ?? null, tested = chosen === null || chosen.id === 'cpu' ? null : data.tests.find((x) => x.device === chosen.id) ?? null;
  return (
    <Card title={t('device.title')} className="wz-device">
      <EntityList label={t('device.title')} searchLabel={t('device.title')} choices={choices} value={value} onChange={(v) => { change({ device: v === SETTING ? undefined : v as DeviceChoice }); }} />
      <div className="body stack">
        {failed !== null && failed !== undefined && <ErrorNote error={failed} retry={() => { state.reload(); answer.reload(); }} />}
        {answer.data?.problem != null && !answer.loading && <p className="small wz-device-line" role="alert"><Dot tone="bad" />{sentence(answer.data.problem)}</p>}
        {chosen !== null && chosen.id !== 'cpu' && tested === null && <TestNow key={chosen.id} device={chosen.id} done={state.reload} />}
        <div className="wz-grid">
          <PrecisionField value={draft.precision ?? 'fp32'} half={answer.data?.half ?? null} onCpu={chosen?.id === 'cpu'} onChange={(precision) => { change({ precision: precision === 'fp32' ? undefined : precision }); }} />
          {field !== undefined && <ComputeField value={compute} fallback={String(field.fallback)} onCard={chosen !== null && chosen.id !== 'cpu'} onChange={(v) => { setParam(field, v); }} />}
        </div>
        {absent.length > 0 && <p className="small faint">{t('device.absent', { devices: f.list(absent.map((p) => PROVIDER_NAMES[providerId.parse(p.id)])) })} <Link href="/settings">{t('device.why')}</Link></p>}
      </div>
    </Card>
  );
}

function TestPill({ test }: { test: DeviceTest | undefined }) {
  const { t } = useTranslation('train');
  return test === undefined ? <Pill>{t('device.untested')}</Pill> : <Pill tone={test.ok ? 'good' : 'bad'}>{t(test.ok ? 'device.passed' : 'device.failed')}</Pill>;
}

/** The run would take a device that was not tested since the start: one press away. */
function TestNow({ device, done }: { device: ProviderId; done: () => void }) {
  const { t } = useTranslation('train'), [busy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    setBusy(true);
    try { for await (const step of api.devices.test({ device })) if (!step.ok) break; } catch (e) { toast.error(e); }
    setBusy(false);
    done();
  };
  return <p className="small wz-device-line"><Dot tone="warn" />{t('device.testAsk', { device: PROVIDER_NAMES[device] })}<Button size="s" busy={busy} onClick={() => { void test(); }}>{t(busy ? 'device.testing' : 'device.test')}</Button></p>;
}

function PrecisionField({ value, half, onCpu, onChange }: { value: Precision; half: boolean | null; onCpu: boolean; onChange: (value: Precision) => void }) {
  const { t } = useTranslation('train');
  const note = value === 'fp16' ? t('device.precision.fp16Note') : half === true ? t('device.precision.half') : onCpu ? t('device.precision.cpu') : half === false ? t('device.precision.none') : t('device.precision.unknown');
  return <Field label={t('device.precision.label')} name="precision" help={t('device.precision.help')} note={note}>{(w) => <span id={w.id}><Segmented label={t('device.precision.label')} value={value} onChange={onChange} options={[{ value: 'fp32', label: t('device.precision.fp32') }, { value: 'fp16', label: t('device.precision.fp16'), disabled: half !== true && value !== 'fp16' }]} /></span>}</Field>;
}

/** fp32, int8 or automatic for frozen layers, with what was measured for this method and a model of this size. */
function ComputeField({ value, fallback, onCard, onChange }: { value: string; fallback: string; onCard: boolean; onChange: (value: string) => void }) {
  const { t } = useTranslation('train'), f = useFormat(), { draft } = useDraft();
  const model = useModels().find((m) => m.id === draft.model || m.name === draft.model);
  const off = draft.adapter === 'none' ? t('device.compute.full') : draft.adapter['load_in_4bit'] === true ? t('device.compute.fourBit') : onCard ? t('device.compute.card') : null;
  const proofs = model === undefined ? [] : proofsFor(draft.method, model.parameters);
  const measured = proofs.length === 0 ? t('device.compute.unmeasured') : proofs.map((p) => t('review.run.int8Proof', { model: p.model, seeds: f.number(p.seeds), excess: f.percent(p.excess, 2), date: p.date })).join('; ');
  return <Field label={t('device.compute.label')} name="compute" help={t('param.compute.help')} note={off ?? measured}>{(w) => <span id={w.id}><Segmented label={t('device.compute.label')} value={value} onChange={onChange} options={(['auto', 'int8', 'fp32'] as const).map((v) => ({ value: v as string, label: t(`device.compute.${v}`), disabled: off !== null && v !== value && v !== 'fp32' && v !== fallback }))} /></span>}</Field>;
}
