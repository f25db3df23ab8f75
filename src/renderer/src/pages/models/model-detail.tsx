/** What a model is, where its files are, and what can be done with it. */
import { IconFlame, IconFolder, IconMessage, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Model } from '../../../../shared/schema/entities.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { shell } from '../../state/shell.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, ConfirmDialog, ErrorNote, LinkButton, Menu, Skeleton, toast } from '../../ui/index.ts';
import { RenameDialog } from '../rename-dialog.tsx';
import { ModelFacts } from '../model-facts.tsx';
import { TemplateView } from './template-view.tsx';

export function ModelDetail({ model, onImport }: { model: Model; onImport: () => void }) {
  const { t } = useTranslation(['models', 'common']), [, navigate] = useLocation(), [asking, setAsking] = useState<'remove' | 'rename' | null>(null), [error, setError] = useState<unknown>(null);
  const preview = useCall((signal) => api.models.get({ id: model.id }, { signal }), model.missing ? null : `${model.id}:${model.weight_hash}`);
  const embedded = model.source === 'embedded';
  const remove = (): void => {
    setAsking(null);
    setError(null);
    api.models.remove({ id: model.id }).then(() => { toast.done(t('remove.done', { name: model.name })); navigate(routes.models); }, setError);
  };
  return (
    <div className="stack">
      <Card title={<span className="ellipsis">{model.name}</span>} right={
        <Menu label={t('detail.actions')} items={[
          { id: 'rename', label: t('common:rename'), icon: <IconPencil size={15} />, run: () => { setAsking('rename'); } },
          ...(shell ? [{ id: 'reveal', label: t('fact.path'), icon: <IconFolder size={15} />, run: () => { shell?.files.reveal({ path: model.path }).catch(toast.error); } }] : []),
          { id: 'remove', label: embedded ? t('remove.embedded') : t('common:remove'), icon: <IconTrash size={15} />, danger: !embedded, disabled: embedded, run: () => { setAsking('remove'); } },
        ]} />}
        footer={!model.missing && <><LinkButton size="s" icon={<IconFlame size={14} />} href={routes.train({ model: model.id })}>{t('detail.train')}</LinkButton><LinkButton size="s" icon={<IconMessage size={14} />} href={routes.compare([model.id])}>{t('detail.chat')}</LinkButton></>}>
        {error !== null && <ErrorNote level="warn" error={error} />}
        {model.missing && <ErrorNote level="warn" error={{ code: 'file-not-found', message: model.path }} kept={t('detail.missingKept')} actions={<Button size="s" onClick={onImport}>{t('detail.importAgain')}</Button>} />}
        {preview.error !== null && <ErrorNote error={preview.error} retry={preview.reload} kept={t('detail.missingKept')} />}
        <div className="body"><ModelFacts model={{ ...model, heads: preview.data?.heads, kv_heads: preview.data?.kv_heads }} added={model.created_at} /></div>
      </Card>
      <Card title={t('template.title')} bodyless={false}>
        {preview.loading ? <Skeleton height={90} /> : <TemplateView template={model.template} preview={preview.data?.template_preview ?? null} />}
      </Card>
      <ConfirmDialog open={asking === 'remove'} onClose={() => { setAsking(null); }} title={t('remove.title', { name: model.name })} confirm={t('common:remove')} danger onConfirm={remove}>{t('remove.body', { path: model.path })}</ConfirmDialog>
      <RenameDialog open={asking === 'rename'} title={t('rename.title')} name={model.name} onClose={() => { setAsking(null); }} rename={async (name) => { await api.models.rename({ id: model.id, name }); }} />
    </div>
  );
}
