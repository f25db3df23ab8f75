/** Which model learns, and from which weights. */
import { IconCube } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { useCheckpoints, useModels, useReady } from '../../state/entities.ts';
import { Card, EmptyState, LinkButton, Pill, SelectField, Skeleton } from '../../ui/index.ts';
import { adapterDraft } from './draft.ts';
import { useDraft } from './draft-store.ts';
import { EntityList } from './entity-list.tsx';

const BASE = '', OWN = '';

export function StepModel() {
  const { t } = useTranslation('train'), f = useFormat();
  const models = useModels(), ready = useReady(), checkpoints = useCheckpoints();
  const { draft, change } = useDraft();
  const model = models.find((m) => m.id === draft.model || m.name === draft.model), mine = checkpoints.filter((c) => c.model_id === model?.id);
  if (!ready) return <Card title={t('model.title')}><div className="body stack">{[1, 2, 3].map((i) => <Skeleton key={i} height={34} />)}</div></Card>;
  return (
    <>
      <Card title={t('model.title')} right={models.length > 0 ? <LinkButton size="s" href={routes.models}>{t('model.import')}</LinkButton> : undefined}>
        {models.length === 0 ? <EmptyState icon={<IconCube size={28} stroke={1.4} />} title={t('model.none')} actions={<LinkButton href={routes.models}>{t('model.import')}</LinkButton>}>{t('model.empty')}</EmptyState> : (
          <EntityList label={t('model.title')} searchLabel={t('model.search')} value={model?.id} onChange={(id) => { change({ model: id, checkpoint: undefined }); }} choices={models.map((m) => ({
            value: m.id, name: m.name, disabled: m.missing, search: m.family, tag: m.source === 'embedded' ? <Pill tone="steel">{t('model.embedded')}</Pill> : undefined, note: m.missing ? t('model.missing') : undefined,
            facts: [m.family, t('model.parameters', { n: f.count(m.parameters) }), m.dtype, t('model.context', { n: f.number(m.context) }), m.has_template ? t('model.template') : t('model.noTemplate')],
          }))} />
        )}
      </Card>
      {model && (
        <Card><div className="body wz-grid">
          <SelectField label={t('model.from')} name="checkpoint" help={t('model.fromHelp')} value={draft.checkpoint ?? BASE} onChange={(v) => { const imported = mine.find((c) => c.id === v)?.imported; change({ checkpoint: v === BASE ? undefined : v, ...(imported === undefined ? {} : { adapter: adapterDraft(imported.adapter) }) }); }}
            options={[{ value: BASE, label: t('model.fromBase') }, ...mine.map((c) => ({ value: c.id, label: c.imported === undefined ? t('model.fromCheckpoint', { run: c.run_name, step: f.number(c.step) }) : t('model.fromAdapter', { name: c.run_name, r: f.number(c.imported.adapter.r) }) }))]} />
          <SelectField label={t('model.chatTemplate')} name="chat_template" help={t('model.chatTemplateHelp')} value={draft.chat_template ?? OWN} onChange={(v) => { change({ chat_template: v === OWN ? undefined : v }); }}
            options={[{ value: OWN, label: `${t('model.chatTemplateOwn')}${model.has_template ? '' : ` (${t('model.noTemplate')})`}` }, { value: 'chatml', label: t('model.chatTemplateChatml') }, ...(draft.chat_template !== undefined && draft.chat_template !== 'chatml' ? [{ value: draft.chat_template, label: 'Jinja' }] : [])]} />
        </div></Card>
      )}
    </>
  );
}
