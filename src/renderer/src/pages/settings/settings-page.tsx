/** Settings: look and language, computing, and what this program is and can use. Every change is kept at once. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { LANGUAGE_NAMES, LANGUAGES } from '../../i18n/languages.ts';
import { saveSettings, useSettings } from '../../state/settings.ts';
import { refreshSystemInfo, useSystem } from '../../state/system.ts';
import { Card, Field, Keys, NumberField, PageHead, Segmented, SelectField, Skeleton, SwitchField, toast } from '../../ui/index.ts';
import { AboutCards } from './about-cards.tsx';
import { CachesCard } from './caches-card.tsx';
import { DevicesCard } from './devices-card.tsx';

const save = (patch: Partial<Settings>): void => { saveSettings(patch).catch(toast.error); };

export function SettingsPage() {
  const { t } = useTranslation('settings'), settings = useSettings();
  return (
    <>
      <PageHead title={t('title')} crumbs={[{ label: t('line') }]} />
      <div className="cols">
        {settings ? <div className="stack"><LookCard settings={settings} /><ComputeCard settings={settings} /><DevicesCard settings={settings} /><CachesCard /><KeysCard /></div> : <Skeleton height={320} />}
        <AboutCards />
      </div>
    </>
  );
}

function LookCard({ settings }: { settings: Settings }) {
  const { t } = useTranslation('settings');
  return (
    <Card title={t('look.title')} bodyless={false}>
      <div className="stack">
        <Field label={t('look.theme')}>{(w) => <span id={w.id}><Segmented label={t('look.theme')} value={settings.theme} onChange={(theme) => { save({ theme }); }} options={[{ value: 'system', label: t('look.system') }, { value: 'light', label: t('look.light') }, { value: 'dark', label: t('look.dark') }]} /></span>}</Field>
        <div style={{ maxWidth: 280 }}><SelectField label={t('look.language')} value={settings.language} onChange={(v) => { save({ language: v as Settings['language'] }); }} options={[{ value: 'system', label: t('look.languageSystem') }, ...LANGUAGES.map((l) => ({ value: l, label: LANGUAGE_NAMES[l] }))]} /></div>
        <SwitchField label={t('look.motion')} note={t('look.motionNote')} value={settings.reduced_motion} onChange={(reduced_motion) => { save({ reduced_motion }); }} />
      </div>
    </Card>
  );
}

function ComputeCard({ settings }: { settings: Settings }) {
  const { t } = useTranslation('settings'), f = useFormat(), threadsNow = useSystem((s) => s.info?.threads);
  const [typed, setThreads] = useState<{ n: number | undefined } | null>(null), threads = typed === null ? settings.threads : typed.n, valid = threads !== undefined && threads >= 0 && threads <= 256;
  // Kept when typing has paused: each key would otherwise be a change.
  useEffect(() => {
    if (!valid || threads === settings.threads) return undefined;
    const timer = setTimeout(() => { saveSettings({ threads }).then(() => { setThreads(null); return refreshSystemInfo(); }).catch(toast.error); }, 500);
    return () => { clearTimeout(timer); };
  }, [threads, valid, settings.threads]);
  return (
    <Card title={t('compute.title')} bodyless={false}>
      <div className="stack">
        <div style={{ maxWidth: 280 }}><NumberField label={t('compute.threads')} integer min={0} max={256} unit={t('compute.threadsUnit')} value={threads} onChange={(n) => { setThreads({ n }); }} problem={valid ? undefined : t('compute.threadsRange')} note={threadsNow === undefined ? undefined : t('compute.threadsNote', { n: f.number(threadsNow) })} /></div>
        <SwitchField label={t('compute.resumeAuto')} note={t('compute.resumeNote')} value={settings.resume_interrupted} onChange={(resume_interrupted) => { save({ resume_interrupted }); }} />
      </div>
    </Card>
  );
}

function KeysCard() {
  const { t } = useTranslation('settings');
  return <Card title={t('keys.title')} bodyless={false}><p className="muted">{t('keys.body')}</p><div className="line" style={{ marginTop: 8, gap: 10 }}>{t('keys.palette')} <Keys shortcut="Mod+K" /><span style={{ width: 12 }} />{t('keys.list')} <Keys shortcut="?" /></div></Card>;
}
