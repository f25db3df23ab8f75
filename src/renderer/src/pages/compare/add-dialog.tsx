/** Choose what to add: any base model, any checkpoint of any run. */
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { useCheckpoints, useModels, useRuns } from '../../state/entities.ts';
import { Dialog, Pill } from '../../ui/index.ts';
import { useCompare } from './compare-store.ts';
import { MAX_PANES, targetKey } from '../../compare-link.ts';
import type { Target } from '../../compare-link.ts';

interface Row { target: Target; name: string; tag: string; hash: string; detail: string; best: boolean }

export function AddDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('compare'), f = useFormat();
  const models = useModels(), runs = useRuns(), checkpoints = useCheckpoints();
  const { panes, add } = useCompare();
  const [query, setQuery] = useState('');
  const taken = new Set(panes.map((p) => p.key)), wanted = query.trim().toLowerCase();
  const groups: { title: string; rows: Row[] }[] = [
    { title: t('bases'), rows: models.filter((m) => !m.missing).map((m) => ({ target: { modelId: m.id, checkpointId: null }, name: m.name, tag: t('base'), hash: m.weight_hash, detail: f.count(m.parameters), best: false })) },
    { title: t('adapters'), rows: checkpoints.filter((c) => c.imported !== undefined).map((c) => ({ target: { modelId: c.model_id, checkpointId: c.id }, name: c.run_name, tag: t('adapter'), hash: c.weight_hash, detail: models.find((m) => m.id === c.model_id)?.name ?? '', best: false })) },
    ...runs.map((r) => ({ title: r.name, rows: checkpoints.filter((c) => c.run_id === r.id).sort((a, b) => b.step - a.step).map((c) => ({ target: { modelId: c.model_id, checkpointId: c.id }, name: r.name, tag: t('step', { n: f.number(c.step) }), hash: c.weight_hash, detail: r.model_name, best: c.step === r.best_step })) })),
  ];
  const shown = groups.map((g) => ({ ...g, rows: g.rows.filter((r) => !taken.has(targetKey(r.target)) && `${r.name} ${r.tag} ${r.detail}`.toLowerCase().includes(wanted)) })).filter((g) => g.rows.length > 0);
  const pick = (r: Row): void => { add(r.target); if (panes.length + 1 >= MAX_PANES) onClose(); };
  return (
    <Dialog open={open} onClose={onClose} title={t('addTitle')} size={560}>
      <input className="input" type="search" data-autofocus aria-label={t('addSearch')} placeholder={t('addSearch')} value={query} onChange={(e) => { setQuery(e.target.value); }} />
      <div className="cmp-add">
        {panes.length >= MAX_PANES ? <p className="muted">{t('full')}</p> : shown.length === 0 ? <p className="muted">{t('noMatch')}</p> : shown.map((g) => (
          <div key={g.title}><h3>{g.title}</h3>{g.rows.map((r) => <button type="button" key={targetKey(r.target)} onClick={() => { pick(r); }}><IconPlus size={14} aria-hidden /><span>{r.name}</span><Pill>{r.tag}</Pill>{r.best && <Pill tone="good">{t('best')}</Pill>}<span className="muted">{r.detail}</span><code>{r.hash.slice(0, 8)}</code></button>)}</div>
        ))}
      </div>
    </Dialog>
  );
}
