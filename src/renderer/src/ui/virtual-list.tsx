/** A long list whose rows have their own heights; only rows in sight are in the page. Tells which range is visible, so that the owner can load it. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

export function VirtualList({ count, estimate, height, children, onRange, label }: { count: number; /** Pixels a row is assumed to have until measured. */ estimate: number; height: number | string; children: (index: number) => ReactNode; onRange?: (first: number, last: number) => void; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- its functions change with scrolling; this component is not memoised
  const virtual = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => estimate, overscan: 6 });
  const items = virtual.getVirtualItems(), first = items[0]?.index ?? 0, last = items.at(-1)?.index ?? 0;
  useEffect(() => { if (count > 0) onRange?.(first, last); }, [first, last, count, onRange]);
  return (
    // A scrolling region must be reachable by keyboard.
    <div ref={box} style={{ height, overflow: 'auto' }} role="list" aria-label={label} tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((i) => <div key={i.key} ref={virtual.measureElement} data-index={i.index} role="listitem" aria-setsize={count} aria-posinset={i.index + 1} style={{ position: 'absolute', insetInline: 0, top: 0, transform: `translateY(${i.start}px)` }}>{children(i.index)}</div>)}
      </div>
    </div>
  );
}
