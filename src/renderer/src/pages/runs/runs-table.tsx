/** The rows of the runs list: state, shape of the loss, last values, time, and what can be done. */
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { curveOf } from '../../../../shared/methods/index.ts';
import type { Run } from '../../../../shared/schema/entities.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatMetric } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { Button, DataTable, Menu, Progress, StatusPill, toast } from '../../ui/index.ts';
import type { Column, MenuItem } from '../../ui/index.ts';
import { canDo, isLive, progressOf } from '../../state/run-state.ts';
import type { RunAction } from '../../state/run-state.ts';

const act = (what: RunAction, r: Run): void => { api.runs[what]({ id: r.id }).catch((e: unknown) => { toast.error(e); }); };

export function RunsTable({ runs, all, chosen, onToggle, onDelete }: { runs: readonly Run[]; all: readonly Run[]; chosen: ReadonlySet<string>; onToggle: (id: string) => void; onDelete: (run: Run) => void }) {
  const { t } = useTranslation('runs'), { t: tr } = useTranslation('run'), f = useFormat();
  const [, go] = useLocation();
  const waiting = all.filter((r) => r.status === 'queued').length;
  const move = (r: Run, to: number): void => { api.runs.move({ id: r.id, to }).catch((e: unknown) => { toast.error(e); }); };
  const value = (r: Run, name: string) => { const v = r.last[name]; return v === undefined ? <span className="faint">–</span> : formatMetric(v, 'plain', f.locale); };
  const menu = (r: Run): MenuItem[] => [
    ...(r.status !== 'queued' || waiting < 2 ? [] : [
      { id: 'first', label: t('queue.first'), disabled: r.queue === 1, run: () => { move(r, 1); } },
      { id: 'up', label: t('queue.earlier'), disabled: r.queue === 1, run: () => { move(r, (r.queue ?? 2) - 1); } },
      { id: 'down', label: t('queue.later'), disabled: r.queue === waiting, run: () => { move(r, (r.queue ?? 0) + 1); } },
    ]),
    { id: 'clone', label: tr('action.clone'), run: () => { go(`/train?clone=${encodeURIComponent(r.id)}`); } },
    { id: 'stop', label: tr('action.stop'), disabled: !canDo('stop', r), run: () => { act('stop', r); } },
    { id: 'delete', label: tr('action.delete'), danger: true, disabled: isLive(r.status), run: () => { onDelete(r); } },
  ];
  // `from` is the sum of the widths up to that column, so that nothing is ever out of reach.
  const columns: Column<Run>[] = [
    { id: 'pick', header: <span className="visually-hidden">{t('column.actions')}</span>, width: '46px', cell: (r) => <input type="checkbox" className="runs-check" aria-label={t('row.select', { name: r.name })} checked={chosen.has(r.id)} onClick={(e) => { e.stopPropagation(); }} onChange={() => { onToggle(r.id); }} /> },
    { id: 'name', header: t('column.name'), width: 'minmax(130px, 1.6fr)', cell: (r) => <Link href={`/runs/${r.id}`} className="runs-name" onClick={(e) => { e.stopPropagation(); }}>{r.name}</Link> },
    { id: 'status', header: t('column.status'), width: '108px', cell: (r) => <StatusPill run={r} /> },
    { id: 'spark', header: t('column.spark'), width: '100px', from: 675, cell: (r) => <Sparkline values={r.spark} width={72} height={20} tone={isLive(r.status) ? 'ember' : 'steel'} label={t(curveOf(r.recipe.method) === 'loss' ? 'row.sparkLabel' : 'row.sparkMargin', { name: r.name })} /> },
    { id: 'progress', header: t('column.progress'), width: '120px', cell: (r) => (r.status === 'queued' ? <span className="muted">{t('row.queue', { n: f.number(r.queue ?? waiting) })}</span> : <span className="runs-step"><span>{r.total_steps > 0 ? t('row.step', { step: f.number(r.step), total: f.number(r.total_steps) }) : <span className="faint">–</span>}</span>{isLive(r.status) && <Progress value={progressOf(r)} label={tr('progress.label', { step: r.step, total: r.total_steps })} />}</span>) },
    { id: 'loss', header: t('column.loss'), width: '84px', from: 575, align: 'right', cell: (r) => value(r, 'loss') },
    { id: 'held', header: t('column.evalLoss'), width: '84px', from: 760, align: 'right', cell: (r) => value(r, 'eval_loss') },
    { id: 'model', header: t('column.model'), width: 'minmax(96px, 1fr)', from: 975, cell: (r) => r.model_name },
    { id: 'data', header: t('column.data'), width: 'minmax(96px, 1fr)', from: 1072, cell: (r) => <span className="muted">{r.train_dataset_name}</span> },
    { id: 'time', header: t('column.time'), width: '122px', from: 880, align: 'right', cell: (r) => (isLive(r.status) && r.seconds_left !== null ? t('row.left', { time: f.duration(r.seconds_left) }) : r.seconds > 0 ? f.duration(r.seconds) : <span className="faint">–</span>) },
    {
      id: 'actions', header: <span className="visually-hidden">{t('column.actions')}</span>, width: '84px', align: 'right', cell: (r) => (
        // Clicks on the actions must not open the row.
        <span className="runs-acts" onClick={(e) => { e.stopPropagation(); }}>
          {canDo('pause', r) ? <Button size="s" kind="quiet" label={r.status === 'queued' ? t('queue.leave') : tr('action.pause')} icon={<IconPlayerPause size={15} />} onClick={() => { act('pause', r); }} /> : canDo('resume', r) ? <Button size="s" kind="quiet" label={tr('action.resume')} icon={<IconPlayerPlay size={15} />} onClick={() => { act('resume', r); }} /> : null}
          <Menu label={t('actions', { name: r.name })} items={menu(r)} />
        </span>
      ),
    },
  ];
  return <DataTable label={t('title')} rows={runs} columns={columns} rowKey={(r) => r.id} onOpen={(r) => { go(`/runs/${r.id}`); }} />;
}
