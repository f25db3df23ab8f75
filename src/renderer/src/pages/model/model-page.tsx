/** One model: its card, what descends from it, its template; a conversation with it; its tensors; its exports. The address keeps which of these is shown. */
import { IconColumns2, IconCopy, IconCube, IconDatabaseExport, IconFolder, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { usePageActions } from '../../actions/index.ts';
import type { Model } from '../../../../shared/schema/entities.ts';
import { compareHref } from '../../compare-link.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useModel, useReady } from '../../state/entities.ts';
import { shell } from '../../state/shell.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, Dot, EmptyState, ErrorNote, LinkButton, Menu, PageHead, Pill, Segmented, Skeleton, Stat, toast, useCopy } from '../../ui/index.ts';
import { ExportDialog } from '../../wizards/export/export-dialog.tsx';
import type { ExportTarget } from '../../wizards/export/export-dialog.tsx';
import { ModelFacts } from '../model-facts.tsx';
import { RenameDialog } from '../rename-dialog.tsx';
import { ChatTab } from './chat-tab.tsx';
import { ExportsTab } from './exports-tab.tsx';
import { LayersTab } from './layers-tab.tsx';
import { LineageCard } from './lineage-card.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { TemplateCard } from './template-card.tsx';
import './model.css';

const TABS = ['overview', 'chat', 'layers', 'exports'] as const;
type Tab = (typeof TABS)[number];

export function ModelPage({ id }: { id: string }) {
  const { t } = useTranslation('model'), model = useModel(id), ready = useReady();
  if (model) return <ModelView model={model} key={model.id} />;
  if (!ready) return <><PageHead crumbs={[{ label: t('crumb'), href: routes.models }]} title={<Skeleton width={180} height={18} />} /><Skeleton height={74} /><Skeleton height={320} /></>;
  return <><PageHead crumbs={[{ label: t('crumb'), href: routes.models }]} title={t('crumb')} /><Card><EmptyState icon={<IconCube size={28} stroke={1.4} />} title={t('notFound')} actions={<LinkButton href={routes.models}>{t('toModels')}</LinkButton>}>{t('notFoundBody')}</EmptyState></Card></>;
}

function ModelView({ model }: { model: Model }) {
  const { t } = useTranslation(['model', 'common', 'models']), [, navigate] = useLocation(), query = useSearch(), { copy } = useCopy();
  const [asking, setAsking] = useState<'remove' | 'rename' | null>(null), [exporting, setExporting] = useState<ExportTarget | null>(null);
  const named = new URLSearchParams(query).get('tab'), tab = TABS.find((x) => x === named) ?? 'overview', embedded = model.source === 'embedded';
  const show = (to: Tab): void => { navigate(routes.model(model.id, to === 'overview' ? {} : { tab: to }), { replace: true }); };
  const startExport = (checkpointId: string | null = null): void => { setExporting({ modelId: model.id, checkpointId }); };
  const section = t('common:section.page'), copyPath = (): void => { copy(model.path).then(() => { toast.done(t('model:action.pathCopied')); }, toast.error); };
  usePageActions([
    ...TABS.map((x, i) => ({ id: `model.tab.${x}`, label: t(`model:tabs.${x}`), section, shortcut: String(i + 1), enabled: tab !== x, run: () => { show(x); } })),
    { id: 'model.export', label: t('model:action.export'), section, shortcut: 'E', enabled: !model.missing, run: () => { startExport(); } },
    { id: 'model.train', label: t('model:action.train'), section, shortcut: 'T', enabled: !model.missing, run: () => { navigate(routes.train({ model: model.id })); } },
    { id: 'model.rename', label: t('model:rename'), section, run: () => { setAsking('rename'); } },
    { id: 'model.copyPath', label: t('model:action.copyPath'), section, run: copyPath },
  ]);
  return (
    <>
      <PageHead crumbs={[{ label: t('model:crumb'), href: routes.models }]} title={model.name} pills={<><Pill>{model.family}</Pill>{embedded && <Pill tone="steel">{t('common:embedded')}</Pill>}{model.missing && <Pill tone="warn">{t('models:missing')}</Pill>}</>}
        actions={<>
          <Segmented<Tab> label={t('model:tabs.label')} value={tab} onChange={show} options={TABS.map((value) => ({ value, label: t(`model:tabs.${value}`) }))} />
          {!model.missing && <><Button kbd="E" icon={<IconDatabaseExport size={15} stroke={1.7} />} onClick={() => { startExport(); }}>{t('model:action.export')}</Button><LinkButton {...(tab === 'chat' ? {} : { kind: 'primary' as const })} kbd="T" href={routes.train({ model: model.id })}>{t('model:action.train')}</LinkButton></>}
          <Menu label={t('model:action.more')} items={[
            { id: 'compare', label: t('model:action.compare'), icon: <IconColumns2 size={15} />, disabled: model.missing, run: () => { navigate(compareHref([{ modelId: model.id, checkpointId: null }])); } },
            { id: 'rename', label: t('model:action.rename'), icon: <IconPencil size={15} />, run: () => { setAsking('rename'); } },
            { id: 'copyPath', label: t('model:action.copyPath'), icon: <IconCopy size={15} />, run: copyPath },
            ...(shell ? [{ id: 'reveal', label: t('model:action.reveal'), icon: <IconFolder size={15} />, run: () => { shell?.files.reveal({ path: model.path }).catch(toast.error); } }] : []),
            { id: 'remove', label: embedded ? t('model:remove.embedded') : t('model:action.remove'), icon: <IconTrash size={15} />, danger: !embedded, disabled: embedded, run: () => { setAsking('remove'); } },
          ]} />
        </>} />
      {model.missing && <ErrorNote level="warn" error={{ code: 'file-not-found', message: model.path }} kept={t('model:missingKept')} actions={<LinkButton size="s" href={`${routes.models}?import=1`}>{t('model:importAgain')}</LinkButton>} />}
      {tab === 'overview' ? <Overview model={model} onExport={startExport} /> : tab === 'chat' ? <ChatTab model={model} /> : tab === 'layers' ? <LayersTab model={model} /> : <ExportsTab model={model} onExport={() => { startExport(); }} />}
      <ExportDialog target={exporting} onClose={() => { setExporting(null); }} />
      <RemoveDialog model={model} open={asking === 'remove'} onClose={() => { setAsking(null); }} />
      <RenameDialog open={asking === 'rename'} title={t('model:rename')} name={model.name} onClose={() => { setAsking(null); }} rename={async (name) => { await api.models.rename({ id: model.id, name }); }} />
    </>
  );
}

function Overview({ model: m, onExport }: { model: Model; onExport: (checkpointId: string) => void }) {
  const { t } = useTranslation(['model', 'models']), f = useFormat();
  const preview = useCall((signal) => api.models.get({ id: m.id }, { signal }), m.missing ? null : `${m.id}:${m.weight_hash}`);
  const warnings = [...new Set([...(m.origin?.notes ?? []), ...(preview.data?.warnings ?? [])])];
  return (
    <>
      <Card label={t('model:facts')}><div className="md-stats">
        <Stat label={t('model:stat.parameters')} value={f.count(m.parameters)} detail={f.number(m.parameters)} />
        <Stat label={t('model:stat.context')} value={f.number(m.context)} detail={t('model:stat.tokens')} />
        <Stat label={t('model:stat.dtype')} value={m.dtype} />
        <Stat label={t('model:stat.size')} value={f.bytes(m.bytes)} detail={t('model:stat.files', { count: m.shards })} />
        <Stat label={t('model:stat.license')} value={m.license ?? <span className="faint">{t('models:noLicense')}</span>} />
        <Stat label={t('model:stat.hash')} value={<code title={m.weight_hash}>{m.weight_hash.slice(0, 8)}</code>} />
      </div></Card>
      <div className="cols">
        <div className="stack"><LineageCard model={m} onExport={onExport} /><TemplateCard model={m} /></div>
        <div className="stack">
          <Card title={t('model:facts')} bodyless={false}><ModelFacts model={{ ...m, heads: preview.data?.heads, kv_heads: preview.data?.kv_heads }} brief added={m.created_at} /></Card>
          {preview.error !== null && <ErrorNote level="warn" error={preview.error} retry={preview.reload} kept={t('model:missingKept')} />}
          {warnings.length > 0 && <Card title={t('models:preview.warnings')} bodyless={false}><ul className="md-warnings">{warnings.map((w) => <li key={w}><Dot tone="warn" /><span>{w}</span></li>)}</ul></Card>}
        </div>
      </div>
    </>
  );
}
