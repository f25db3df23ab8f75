/** Dense table of records: 28 px rows, sortable headers, rows opened by click or Enter, arrows move between rows. A long list scrolls inside, with only its visible rows in the page; a narrow table leaves columns out. */
import { createSortedRowModel, rowSortingFeature, sortFn_alphanumeric, sortFn_basic, tableFeatures, useTable } from '@tanstack/react-table';
import type { ColumnDef, SortingState } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns: { basic: sortFn_basic, alphanumeric: sortFn_alphanumeric } });

export interface Column<T> {
  id: string; header: ReactNode; cell: (row: T) => ReactNode;
  /** Grid track: "1fr", "minmax(120px, 2fr)", "90px". */
  width: string; align?: 'left' | 'right';
  /** Left out where the table is narrower than this many pixels. */
  from?: number;
  /** Makes the column sortable. */
  sort?: (row: T) => string | number;
}
export interface DataTableProps<T> {
  label: string; rows: readonly T[]; columns: readonly Column<T>[]; rowKey: (row: T) => string;
  onOpen?: (row: T) => void; selected?: string | undefined;
  rowHeight?: number; sortBy?: { id: string; desc: boolean };
}

const ROW = 28;
/** More rows than this scroll inside the table. */
const LONG = 60;
const LONG_HEIGHT = 'max(420px, calc(100vh - 200px))';

export function DataTable<T extends object>({ label, rows, columns: all, rowKey, onOpen, selected, rowHeight = ROW, sortBy }: DataTableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>(sortBy ? [sortBy] : []);
  const box = useRef<HTMLDivElement>(null), width = useWidth(box), long = rows.length > LONG;
  const columns = useMemo(() => all.filter((c) => c.from === undefined || width === null || width >= c.from), [all, width]);
  const defs = useMemo(() => columns.map((c): ColumnDef<typeof features, T> => ({ id: c.id, accessorFn: (row) => c.sort?.(row) ?? '', enableSorting: c.sort !== undefined, sortFn: rows[0] && typeof c.sort?.(rows[0]) === 'number' ? 'basic' : 'alphanumeric' })), [columns, rows]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: defs, data, getRowId: rowKey, state: { sorting }, onSortingChange: setSorting, enableMultiSort: false });
  const sorted = table.getRowModel().rows;
  // oxlint-disable-next-line react/incompatible-library -- its functions change with scrolling; this component is not memoised
  const virtual = useVirtualizer({ count: sorted.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 12, enabled: long });
  const tracks = columns.map((c) => c.width).join(' ');
  const visible = long ? virtual.getVirtualItems() : sorted.map((_, index) => ({ index, start: index * rowHeight }));

  const onKey = (e: KeyboardEvent<HTMLDivElement>, index: number): void => {
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: sorted.length - 1 }[e.key];
    const row = sorted[index];
    if (e.target !== e.currentTarget) return;
    if ((e.key === 'Enter' || e.key === ' ') && onOpen && row) { e.preventDefault(); onOpen(row.original); return; }
    if (to === undefined || to < 0 || to >= sorted.length) return;
    e.preventDefault();
    if (long) virtual.scrollToIndex(to);
    requestAnimationFrame(() => { box.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus(); });
  };

  return (
    <div className="table" role="table" aria-label={label} aria-rowcount={sorted.length + 1} ref={box} style={long ? { maxHeight: LONG_HEIGHT } : undefined}>
      <div role="rowgroup" className="thead">
        <div role="row" style={{ gridTemplateColumns: tracks }}>
          {columns.map((c) => {
            const order = sorting.find((s) => s.id === c.id);
            return (
              <div role="columnheader" key={c.id} data-align={c.align} aria-sort={order ? (order.desc ? 'descending' : 'ascending') : c.sort ? 'none' : undefined}>
                {c.sort ? <button type="button" onClick={() => { table.getColumn(c.id)?.toggleSorting(); }}>{c.header}{order && (order.desc ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}</button> : c.header}
              </div>
            );
          })}
        </div>
      </div>
      <div role="rowgroup" style={long ? { position: 'relative', height: virtual.getTotalSize() } : undefined}>
        {visible.map(({ index, start }) => {
          const row = sorted[index];
          if (!row) return null;
          return (
            // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- rows open on Enter too
            <div role="row" key={row.id} data-index={index} aria-rowindex={index + 2} className="trow" tabIndex={onOpen ? (index === 0 || row.id === selected ? 0 : -1) : undefined} {...(onOpen ? { 'data-click': true } : {})} aria-selected={selected === undefined ? undefined : row.id === selected}
              onClick={onOpen ? () => { onOpen(row.original); } : undefined} onKeyDown={(e) => { onKey(e, index); }}
              style={{ gridTemplateColumns: tracks, height: rowHeight, ...(long ? { position: 'absolute', insetInline: 0, top: 0, transform: `translateY(${start}px)` } : {}) }}>
              {columns.map((c) => <div role="cell" key={c.id} data-align={c.align}>{c.cell(row.original)}</div>)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Its width in pixels; null until it is laid out. */
function useWidth(box: RefObject<HTMLDivElement | null>): number | null {
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const watch = new ResizeObserver(() => { setWidth(element.clientWidth); });
    watch.observe(element);
    return () => { watch.disconnect(); };
  }, [box]);
  return width;
}
