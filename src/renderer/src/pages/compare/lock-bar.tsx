/** The lock: what is the same in every pane, always in sight; settings open below it; and how answers are shown. */
import { IconAdjustmentsHorizontal, IconLock, IconLockOpen2 } from '@tabler/icons-react';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { Button, Card, Segmented, TextField } from '../../ui/index.ts';
import { useCompare } from './compare-store.ts';
import type { Mode, View } from './compare-store.ts';
import { SamplingFields } from '../sampling-fields.tsx';
import { SHADES } from '../../ui/token-chance.ts';

export function LockBar() {
  const { t } = useTranslation('compare'), f = useFormat();
  const { panes, sampling: s, setSampling, mode, setMode, system, setSystem, view, setView } = useCompare();
  const [open, setOpen] = useState(false), unlocked = panes.filter((p) => p.own !== null).length;
  const facts: [string, string][] = [[t('seed'), String(s.seed)], [t('temperature'), f.number(s.temperature)], ...(s.top_p < 1 ? [[t('top_p'), f.number(s.top_p)] as [string, string]] : []), ...(s.top_k > 0 ? [[t('top_k'), f.number(s.top_k)] as [string, string]] : []), ...(s.min_p > 0 ? [[t('min_p'), f.number(s.min_p)] as [string, string]] : []), ...(s.repetition_penalty === 1 ? [] : [[t('repetition_penalty'), f.number(s.repetition_penalty)] as [string, string]]), [t('max'), f.number(s.max_new_tokens)]];
  return (
    <Card label={t('settings')}>
      <div className="cmp-lock">
        <span className={unlocked === 0 ? 'good' : 'warn'}>{unlocked === 0 ? <IconLock size={14} aria-hidden /> : <IconLockOpen2 size={14} aria-hidden />}{unlocked === 0 ? t('locked') : t('someUnlocked', { count: unlocked })}</span>
        {facts.map(([k, v]) => <span key={k}>{k} <b>{v}</b></span>)}
        <Button size="s" kind="quiet" icon={<IconAdjustmentsHorizontal size={14} />} aria-expanded={open} onClick={() => { setOpen(!open); }}>{t('settings')}</Button>
        <span className="end cmp-show">{t('show')}<Segmented<View> label={t('show')} value={view} onChange={setView} options={(['text', 'difference', 'probabilities'] as const).map((value) => ({ value, label: t(`view.${value}`) }))} /></span>
      </div>
      {open && (
        <div className="cmp-settings">
          <SamplingFields value={s} onChange={setSampling} />
          <div className="cmp-mode"><Segmented<Mode> label={t('mode.label')} value={mode} onChange={setMode} options={[{ value: 'chat', label: t('mode.chat') }, { value: 'raw', label: t('mode.raw') }]} />
            {mode === 'chat' && <TextField label={t('system')} placeholder={t('systemPlaceholder')} value={system} onChange={setSystem} />}</div>
          {s.temperature === 0 && <p className="faint small"><Trans t={t} i18nKey="greedy" /></p>}
        </div>
      )}
      {view === 'probabilities' && <div className="cmp-legend">{t('legend')}{SHADES.map((x) => <span key={x}><i className="cmp-token" data-shade={x}>{'\u00a0\u00a0'}</i>{t(`shade.${x}`)}</span>)}</div>}
      {view === 'difference' && panes.length > 1 && <div className="cmp-legend"><span><ins>{t('inserted')}</ins></span><span><del>{t('removed')}</del></span></div>}
    </Card>
  );
}
