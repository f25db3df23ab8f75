/** Dense table of records: 28 px rows, sortable headers, rows opened by click or Enter, arrows move between rows; only visible rows are in the page. */
import { createSortedRowModel, rowSortingFeature, sortFn_alphanumeric, sortFn_basic, tableFeatures, useTable } from '@tanstack/react-table';
import type { ColumnDef, SortingState } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns: { basic: sortFn_basic, alphanumeric: sortFn_alphanumeric } });

export interface Column<T> {
  id: string; header: ReactNode; cell: (row: T) => ReactNode;
  /** Grid track: "1fr", "minmax(120px, 2fr)", "90px". */
  width: string; align?: 'left' | 'right';
  /** Makes the column sortable. */
  sort?: (row: T) => string | number;
}
export interface DataTableProps<T> {
  label: string; rows: readonly T[]; columns: readonly Column<T>[]; rowKey: (row: T) => string;
  onOpen?: (row: T) => void; selected?: string | undefined;
  /** Pixels; the table scrolls inside. Without it all rows are drawn: for short lists. */
  height?: number; rowHeight?: number; sortBy?: { id: string; desc: boolean };
}

export function DataTable<T extends object>({ label, rows, columns, rowKey, onOpen, selected, height, rowHeight = 34, sortBy }: DataTableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>(sortBy ? [sortBy] : []);
  const defs = useMemo(() => columns.map((c): ColumnDef<typeof features, T> => ({ id: c.id, accessorFn: (row) => c.sort?.(row) ?? '', enableSorting: c.sort !== undefined, sortFn: rows[0] && typeof c.sort?.(rows[0]) === 'number' ? 'basic' : 'alphanumeric' })), [columns, rows]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: defs, data, getRowId: rowKey, state: { sorting }, onSortingChange: setSorting, enableMultiSort: false });
  const sorted = table.getRowModel().rows, box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- its functions change with scrolling; this component is not memoised
  const virtual = useVirtualizer({ count: sorted.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 12, enabled: height !== undefined });
  const tracks = columns.map((c) => c.width).join(' ');
  const visible = height === undefined ? sorted.map((_, index) => ({ index, start: index * rowHeight })) : virtual.getVirtualItems();

  const onKey = (e: KeyboardEvent<HTMLDivElement>, index: number): void => {
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: sorted.length - 1 }[e.key];
    const row = sorted[index];
    if (e.target !== e.currentTarget) return;
    if ((e.key === 'Enter' || e.key === ' ') && onOpen && row) { e.preventDefault(); onOpen(row.original); return; }
    if (to === undefined || to < 0 || to >= sorted.length) return;
    e.preventDefault();
    if (height !== undefined) virtual.scrollToIndex(to);
    requestAnimationFrame(() => { box.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus(); });
  };

  return (
    <div className="table" role="table" aria-label={label} aria-rowcount={sorted.length + 1} ref={box} style={height === undefined ? undefined : { maxHeight: height }}>
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
      <div role="rowgroup" style={height === undefined ? undefined : { position: 'relative', height: virtual.getTotalSize() }}>
        {visible.map(({ index, start }) => {
          const row = sorted[index];
          if (!row) return null;
          return (
            // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- rows open on Enter too
            <div role="row" key={row.id} data-index={index} aria-rowindex={index + 2} className="trow" tabIndex={onOpen ? (index === 0 || row.id === selected ? 0 : -1) : undefined} {...(onOpen ? { 'data-click': true } : {})} aria-selected={selected === undefined ? undefined : row.id === selected}
              onClick={onOpen ? () => { onOpen(row.original); } : undefined} onKeyDown={(e) => { onKey(e, index); }}
              style={{ gridTemplateColumns: tracks, minHeight: rowHeight, ...(height === undefined ? {} : { position: 'absolute', insetInline: 0, top: 0, transform: `translateY(${start}px)` }) }}>
              {columns.map((c) => <div role="cell" key={c.id} data-align={c.align}>{c.cell(row.original)}</div>)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
