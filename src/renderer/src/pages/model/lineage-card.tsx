/** What descends from a model: a small tree of runs, checkpoints and exports, each a link to its place. */
import { IconCube, IconDatabaseExport, IconFlame, IconGitCommit, IconPuzzle, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Checkpoint, Model } from '../../../../shared/schema/entities.ts';
import { formatMetric } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useCheckpoints, useExports, useRuns } from '../../state/entities.ts';
import { Button, Card, ConfirmDialog, EmptyState, LinkButton, Pill, StatusPill, toast, VirtualList } from '../../ui/index.ts';
import { lineageOf } from './lineage.ts';
import type { LineageRow } from './lineage.ts';

/** Above this many rows the list scrolls, and only what is in sight is in the page. */
const LONG = 60;
const ROW = 34;

export function LineageCard({ model, onExport }: { model: Model; onExport: (checkpointId: string) => void }) {
  const { t } = useTranslation(['model', 'common']), [forgetting, setForgetting] = useState<Checkpoint | null>(null);
  const runs = useRuns(), checkpoints = useCheckpoints(), exports = useExports(), [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const tree = useMemo(() => lineageOf(model.id, { runs, checkpoints, exports }, open), [model.id, runs, checkpoints, exports, open]);
  const toggle = (id: string): void => { setOpen((s) => { const next = new Set(s); if (!next.delete(id)) next.add(id); return next; }); };
  const base = <Row depth={0} icon={<IconCube size={15} stroke={1.6} />} tone="steel"><span className="lin-name">{model.name}</span><Pill>{t('model:lineage.base')}</Pill><code>{model.weight_hash.slice(0, 8)}</code></Row>;
  const row = (i: number): ReactNode => { const r = tree.rows[i]; return i < 0 || r === undefined ? base : <LineageItem row={r} open={open} toggle={toggle} modelId={model.id} onExport={onExport} onForget={setForgetting} />; };
  return (
    <Card title={t('model:lineage.title')} right={tree.rows.length > 0 && t('model:lineage.summary', { runs: t('model:lineage.runs', { count: tree.runs }), checkpoints: t('model:lineage.checkpoints', { count: tree.checkpoints }), exports: t('model:lineage.exports', { count: tree.exports }) })}>
      {tree.rows.length === 0 ? <EmptyState icon={<IconFlame size={26} stroke={1.4} />} title={t('model:lineage.nothing')} actions={!model.missing && <LinkButton size="s" href={routes.train({ model: model.id })}>{t('model:lineage.train')}</LinkButton>} />
        : tree.rows.length > LONG ? <VirtualList label={t('model:lineage.list')} count={tree.rows.length + 1} estimate={ROW} height={460}>{(i) => row(i - 1)}</VirtualList>
          : <ul className="lin" aria-label={t('model:lineage.list')}><li>{base}</li>{tree.rows.map((r, i) => <li key={r.key}>{row(i)}</li>)}</ul>}
      <ConfirmDialog open={forgetting !== null} onClose={() => { setForgetting(null); }} title={t('model:lineage.removeAdapter')} confirm={t('common:remove')} onConfirm={() => { if (forgetting) api.adapters.remove({ id: forgetting.id }).catch(toast.error); setForgetting(null); }}>{t('model:lineage.removeAdapterBody', { path: forgetting?.path ?? '' })}</ConfirmDialog>
    </Card>
  );
}

function LineageItem({ row: r, open, toggle, modelId, onExport, onForget }: { row: LineageRow; open: ReadonlySet<string>; toggle: (runId: string) => void; modelId: string; onExport: (checkpointId: string) => void; onForget: (adapter: Checkpoint) => void }) {
  const { t } = useTranslation(['model', 'export']), f = useFormat();
  switch (r.kind) {
    case 'run': return (
      <Row depth={r.depth} icon={<IconFlame size={15} stroke={1.6} />} tone="ember">
        <Link className="lin-name" href={routes.run(r.run.id)}>{r.run.name}</Link><StatusPill run={r.run} />
        {r.lostStart ? <span className="warn small">{t('model:lineage.lostStart')}</span> : r.startStep !== null && <span className="muted">{t('model:lineage.from', { step: f.number(r.startStep) })}</span>}
        <span className="end faint">{f.ago(r.run.created_at)}</span>
      </Row>
    );
    case 'checkpoint': {
      const held = r.checkpoint.metrics['eval_loss'], loss = r.checkpoint.metrics['loss'], step = f.number(r.checkpoint.step);
      return (
        <Row depth={r.depth} icon={r.checkpoint.imported === undefined ? <IconGitCommit size={15} stroke={1.6} /> : <IconPuzzle size={15} stroke={1.6} />}>
          <Link className="lin-name" href={routes.model(modelId, { tab: 'chat', checkpoint: r.checkpoint.id })}>{r.checkpoint.imported === undefined ? t('model:lineage.step', { n: step }) : r.checkpoint.run_name}</Link><code>{r.checkpoint.weight_hash.slice(0, 8)}</code>
          {r.checkpoint.imported !== undefined && <Pill>{t('model:lineage.imported')}</Pill>}{r.best && <Pill tone="good">{t('model:lineage.best')}</Pill>}{r.latest && !r.best && <Pill>{t('model:lineage.latest')}</Pill>}
          <span className="muted end">{held === undefined ? loss === undefined ? '' : t('model:lineage.loss', { value: formatMetric(loss, 'plain', f.locale) }) : t('model:lineage.heldOut', { value: formatMetric(held, 'plain', f.locale) })}</span>
          <Button size="s" kind="quiet" onClick={() => { onExport(r.checkpoint.id); }}>{t('model:lineage.exportThis')}</Button>{r.checkpoint.imported !== undefined && <Button size="s" kind="quiet" label={t('model:lineage.removeAdapter')} icon={<IconX size={14} />} onClick={() => { onForget(r.checkpoint); }} />}
        </Row>
      );
    }
    case 'export': {
      const { record: e } = r;
      return (
        <Row depth={r.depth} icon={<IconDatabaseExport size={15} stroke={1.6} />}>
          <Link className="lin-name" href={routes.model(modelId, { tab: 'exports' })}>{t(`export:format.${e.format}.name`)}</Link><Pill>{e.type}</Pill>
          {e.status === 'done' && e.proof ? <span className={e.proof.passed === false ? 'bad' : 'muted'}>{t(`model:lineage.proof.${e.proof.passed === null ? 'measured' : e.proof.passed ? 'passed' : 'failed'}`)}</span> : <span className="muted">{t(`export:status.${e.status}`)}</span>}
          <span className="end faint">{f.ago(e.created_at)}</span>
        </Row>
      );
    }
    case 'more': return <Row depth={r.depth}><Button size="s" kind="quiet" aria-expanded={open.has(r.runId)} onClick={() => { toggle(r.runId); }}>{r.hidden > 0 ? t('model:lineage.more', { count: r.hidden }) : t('model:lineage.fewer')}</Button></Row>;
  }
}

function Row({ depth, icon, tone, children }: { depth: number; icon?: ReactNode; tone?: 'steel' | 'ember'; children: ReactNode }) {
  return <div className="lin-row" data-tone={tone}>{Array.from({ length: depth }, (_, i) => <i key={i} aria-hidden data-last={i === depth - 1} />)}<span className="lin-icon" aria-hidden>{icon}</span>{children}</div>;
}
