/** Which weights answer, what they are told first, how tokens are drawn, and the options of an answer. */
import { useTranslation } from 'react-i18next';
import { TRUNCATIONS, WEIGHT_FORMATS } from '../../../../shared/schema/generate.ts';
import type { WeightFormat } from '../../../../shared/schema/generate.ts';
import type { Model } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { useCheckpoints, useRuns } from '../../state/entities.ts';
import { Card, Segmented, SelectField, TextField } from '../../ui/index.ts';
import { SamplingFields } from '../sampling-fields.tsx';
import { ChatGrammarField } from './chat-grammar-field.tsx';
import { changeTalk } from './chat-store.ts';
import type { Mode, Options, Talk } from './chat-store.ts';

const BASE = '';

export function ChatSettings({ model, talk }: { model: Model; talk: Talk }) {
  const { t } = useTranslation('model'), f = useFormat(), checkpoints = useCheckpoints(), runs = useRuns();
  const mine = checkpoints.filter((c) => c.model_id === model.id), best = new Map(runs.map((r) => [r.id, r.best_step]));
  const set = (change: Partial<Talk>): void => { changeTalk(model.id, change); }, option = (change: Partial<Options>): void => { set({ options: { ...talk.options, ...change } }); };
  const raw = talk.mode === 'raw' || !model.has_template;
  return (
    <Card title={t('chat.settings')}><div className="body stack">
      <SelectField label={t('chat.who')} value={talk.checkpointId ?? BASE} onChange={(v) => { set({ checkpointId: v === BASE ? null : v }); }}
        options={[{ value: BASE, label: t('chat.base', { name: model.name }) }, ...mine.map((c) => ({ value: c.id, label: `${c.imported === undefined ? t('chat.checkpoint', { run: c.run_name, step: f.number(c.step) }) : c.run_name}${best.get(c.run_id) === c.step ? ` (${t('chat.best')})` : ''}` }))]} />
      <div className="field"><div className="label">{t('chat.mode.label')}</div><Segmented<Mode> label={t('chat.mode.label')} value={raw ? 'raw' : 'chat'} onChange={(mode) => { set({ mode }); }} options={[{ value: 'chat', label: t('chat.mode.chat'), disabled: !model.has_template }, { value: 'raw', label: t('chat.mode.raw') }]} />{!model.has_template && <div className="help">{t('chat.noTemplate')}</div>}</div>
      {!raw && <TextField multiline rows={2} label={t('chat.system')} placeholder={t('chat.systemPlaceholder')} value={talk.system} onChange={(system) => { set({ system }); }} />}
      <h3 className="small muted">{t('chat.sampling')}</h3>
      <SamplingFields value={talk.sampling} onChange={(change) => { set({ sampling: { ...talk.sampling, ...change } }); }} />
      <details className="chat-options"><summary>{t('chat.options')}{talk.options.grammar.kind !== 'none' && <span className="muted">: {t(`chat.grammar.kind.${talk.options.grammar.kind}`)}</span>}</summary><div className="stack" style={{ marginTop: 10 }}>
        <ChatGrammarField value={talk.options.grammar} onChange={(grammar) => { option({ grammar }); }} />
        <SelectField label={t('chat.truncate')} value={talk.options.truncate} onChange={(v) => { option({ truncate: v as Options['truncate'] }); }} options={TRUNCATIONS.map((value) => ({ value, label: t(`chat.truncateOption.${value}`) }))} />
        <SelectField label={t('chat.weights')} value={talk.options.weights} onChange={(v) => { option({ weights: v as WeightFormat }); }} options={WEIGHT_FORMATS.map((value) => ({ value, label: t(`chat.weightsOption.${value}`) }))} />
        <TextField multiline rows={2} mono label={t('chat.stop')} note={t('chat.stopNote')} value={talk.options.stop} onChange={(stop) => { option({ stop }); }} />
      </div></details>
    </div></Card>
  );
}
