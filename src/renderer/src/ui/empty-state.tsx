/** An empty place says what belongs there and what to do next. */
import type { ReactNode } from 'react';

export function EmptyState({ icon, title, children, actions }: { icon?: ReactNode; title: string; children?: ReactNode; actions?: ReactNode }) {
  return <div className="empty">{icon}<strong>{title}</strong>{children !== undefined && <p>{children}</p>}{actions !== undefined && <div className="acts">{actions}</div>}</div>;
}
