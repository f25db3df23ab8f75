/** Every tensor of a model, grouped by layer: shape, type, parameters, bytes, and norms once they are measured. Only rows in sight are in the page. */
import { IconChevronRight, IconRuler2 } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../../shared/schema/entities.ts';
import { usePageActions } from '../../actions/index.ts';
import { useFormat } from '../../i18n/format.ts';
import type { ModelTensor } from '../../../../shared/schema/model-view.ts';
import { api } from '../../state/client.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, EmptyState, ErrorNote, Progress, Skeleton, Tip } from '../../ui/index.ts';
import { filterTensors, groupTensors, tensorRows } from './tensor-rows.ts';
import type { TensorGroup, TensorRow } from './tensor-rows.ts';
import { useNorms } from './use-norms.ts';

const ROW = 28;
const NONE: readonly ModelTensor[] = [];
/** More tensors than this, and the layers start closed. */
const OPEN_AT_MOST = 60;

/** What is in sight of the tensors: those that match, in groups that are open or closed. While a filter is set all groups are open. */
function useRows(all: readonly ModelTensor[], wanted: string): { found: readonly ModelTensor[]; groups: readonly TensorGroup[]; rows: readonly TensorRow[]; closed: ReadonlySet<string>; setFlipped: (closed: ReadonlySet<string>) => void } {
  const [flipped, setFlipped] = useState<ReadonlySet<string> | null>(null);
  const view = useMemo(() => {
    const found = filterTensors(all, wanted), groups = groupTensors(found);
    const closed = flipped ?? new Set(all.length > OPEN_AT_MOST ? groups.filter((g) => g.place === 'layer' && g.layer !== 0).map((g) => g.key) : []);
    return { found, groups, closed, rows: tensorRows(groups, wanted === '' ? closed : new Set()) };
  }, [all, wanted, flipped]);
  return { ...view, setFlipped };
}

export function LayersTab({ model }: { model: Model }) {
  const { t } = useTranslation(['model', 'common']), f = useFormat();
  const table = useCall((signal) => api.models.tensors({ id: model.id }, { signal }), model.missing ? null : `${model.id}:${model.weight_hash}`);
  const { norms, start, stop } = useNorms(model.id, model.weight_hash), [filter, setFilter] = useState(''), wanted = useDeferredValue(filter);
  const { found, groups, rows, closed, setFlipped } = useRows(table.data?.tensors ?? NONE, wanted);
  const measured = norms !== undefined && norms.norms.size > 0, busy = norms?.status === 'running';
  usePageActions([{ id: 'model.norms', label: t('model:layers.measure'), section: t('common:section.page'), shortcut: 'N', enabled: !busy && table.data !== undefined, run: start }]);
  const toggle = (key: string): void => { const next = new Set(closed); if (!next.delete(key)) next.add(key); setFlipped(next); };

  return (
    <Card title={t('model:layers.title')} right={table.data !== undefined && <>
      <span>{found.length === table.data.tensors.length ? t('model:layers.count', { count: found.length }) : t('model:layers.of', { shown: f.number(found.length), total: f.number(table.data.tensors.length) })}</span>
      <input className="input" style={{ width: 230, height: 26 }} type="search" aria-label={t('model:layers.filter')} placeholder={t('model:layers.filter')} value={filter} onChange={(e) => { setFilter(e.target.value); }} />
      <Button size="s" kind="quiet" disabled={wanted !== ''} onClick={() => { setFlipped(new Set(closed.size === 0 ? groups.map((g) => g.key) : [])); }}>{t(closed.size === 0 ? 'model:layers.collapse' : 'model:layers.expand')}</Button>
      {busy ? <Button size="s" onClick={stop}>{t('model:layers.stop')}</Button> : <Tip text={t('model:layers.measureHelp')}><span><Button size="s" kbd="N" icon={<IconRuler2 size={14} />} onClick={start}>{t(measured ? 'model:layers.again' : 'model:layers.measure')}</Button></span></Tip>}
    </>}>
      {busy && <div className="md-norms" role="status"><Progress value={norms.total === 0 ? 0 : norms.done / norms.total} label={t('model:layers.measure')} /><span className="muted small">{t('model:layers.measuring', { done: f.number(norms.done), total: f.number(norms.total) })}</span></div>}
      {norms?.status === 'failed' && <ErrorNote level="warn" error={norms.error} retry={start} />}
      {table.error !== null ? <ErrorNote error={table.error} retry={table.reload} kept={t('model:missingKept')} />
        : model.missing ? <EmptyState title={t('model:missing')}>{t('model:missingKept')}</EmptyState>
          : table.data === undefined ? <div className="body stack" aria-busy="true" aria-label={t('model:layers.reading')}>{[1, 2, 3, 4, 5, 6].map((i) => <Skeleton key={i} height={18} />)}</div>
            : rows.length === 0 ? <EmptyState title={t('model:layers.none')} actions={<Button size="s" onClick={() => { setFilter(''); }}>{t('model:layers.clear')}</Button>} />
              : <Table rows={rows} toggle={toggle} norms={norms} fixed={wanted !== ''} />}
    </Card>
  );
}

const TRACKS = 'minmax(220px, 3fr) minmax(110px, 1fr) 92px 112px 84px', MEASURED = ' 92px 92px 92px';

function Table({ rows, toggle, norms, fixed }: { rows: readonly TensorRow[]; toggle: (key: string) => void; norms: ReturnType<typeof useNorms>['norms']; fixed: boolean }) {
  const { t } = useTranslation('model'), f = useFormat(), box = useRef<HTMLDivElement>(null), [at, setAt] = useState(0);
  // oxlint-disable-next-line react/incompatible-library -- its functions change with scrolling; this component is not memoised
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 14 });
  const measured = norms !== undefined && norms.norms.size + norms.skipped.size > 0, gridTemplateColumns = `${TRACKS}${measured ? MEASURED : ''}`;
  const current = Math.min(at, rows.length - 1);
  const go = (index: number): void => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    setAt(to);
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => { box.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus(); });
  };
  const onKey = (e: KeyboardEvent, i: number): void => {
    const row = rows[i], page = Math.max(1, Math.floor((box.current?.clientHeight ?? 300) / ROW) - 2);
    const to = { ArrowDown: i + 1, ArrowUp: i - 1, PageDown: i + page, PageUp: i - page, Home: 0, End: rows.length - 1 }[e.key];
    if (to !== undefined) { e.preventDefault(); go(to); return; }
    if (row?.kind === 'group' && !fixed && (e.key === 'Enter' || e.key === ' ' || (e.key === 'ArrowRight' && !row.open) || (e.key === 'ArrowLeft' && row.open))) { e.preventDefault(); toggle(row.group.key); }
  };
  const digits = (n: number): string => f.number(n, { maximumSignificantDigits: 4 });
  return (
    <div className="table md-tensors" role="treegrid" aria-label={t('layers.title')} aria-rowcount={rows.length + 1} ref={box}>
      <div role="rowgroup" className="thead"><div role="row" style={{ gridTemplateColumns }}>
        <div role="columnheader">{t('layers.name')}</div><div role="columnheader">{t('layers.shape')}</div><div role="columnheader">{t('layers.dtype')}</div><div role="columnheader" data-align="right">{t('layers.parameters')}</div><div role="columnheader" data-align="right">{t('layers.bytes')}</div>
        {measured && <><div role="columnheader" data-align="right">{t('layers.l2')}</div><div role="columnheader" data-align="right">{t('layers.rms')}</div><div role="columnheader" data-align="right">{t('layers.max')}</div></>}
      </div></div>
      <div role="rowgroup" style={{ position: 'relative', height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const common = { role: 'row' as const, 'data-index': index, 'aria-rowindex': index + 2, tabIndex: index === current ? 0 : -1, onKeyDown: (e: KeyboardEvent) => { onKey(e, index); }, onFocus: () => { setAt(index); }, style: { gridTemplateColumns, minHeight: ROW, position: 'absolute' as const, insetInline: 0, top: 0, transform: `translateY(${start}px)` } };
          if (row.kind === 'group') return (
            <div key={`g:${row.group.key}`} {...common} className="trow md-group" aria-level={1} aria-expanded={row.open} onClick={fixed ? undefined : () => { toggle(row.group.key); }} {...(fixed ? {} : { 'data-click': true })}>
              <div role="gridcell"><IconChevronRight size={13} className="md-chevron" data-open={row.open} aria-hidden />{groupName(row.group, t)}</div><div role="gridcell" className="faint">{t('layers.count', { count: row.group.tensors.length })}</div><div role="gridcell" />
              <div role="gridcell" data-align="right">{f.count(row.group.parameters)}</div><div role="gridcell" data-align="right">{f.bytes(row.group.bytes)}</div>{measured && <><div role="gridcell" /><div role="gridcell" /><div role="gridcell" /></>}
            </div>
          );
          const { tensor } = row, norm = norms?.norms.get(tensor.name), skipped = norms?.skipped.get(tensor.name);
          return (
            <div key={tensor.name} {...common} className="trow" aria-level={2}>
              <div role="gridcell" className="md-tensor" title={tensor.name}><code>{row.short}</code></div><div role="gridcell"><code>[{tensor.shape.join(', ')}]</code></div><div role="gridcell" className="muted">{tensor.dtype}</div>
              <div role="gridcell" data-align="right">{f.number(tensor.parameters)}</div><div role="gridcell" data-align="right">{f.bytes(tensor.bytes)}</div>
              {measured && (norm === undefined ? <div role="gridcell" className="faint" style={{ gridColumn: 'span 3', textAlign: 'right' }}>{skipped === undefined ? '' : t('layers.skipped', { reason: skipped })}</div>
                : <><div role="gridcell" data-align="right">{digits(norm.l2)}</div><div role="gridcell" data-align="right">{digits(norm.rms)}</div><div role="gridcell" data-align="right">{norm.not_finite > 0 ? <Tip text={t('layers.notFinite', { count: norm.not_finite })}><span className="bad">{digits(norm.max_abs)} !</span></Tip> : digits(norm.max_abs)}</div></>)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const groupName = (g: TensorGroup, t: ReturnType<typeof useTranslation<'model'>>['t']): string => (g.place === 'layer' ? t('layers.layer', { n: g.layer ?? 0 }) : t(g.place === 'before' ? 'layers.before' : 'layers.after'));
