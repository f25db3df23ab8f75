/** The window: navigation at the left with the state of device, memory and network always in sight; the page at the right. It knows no routes: they are given. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';

export interface NavItem { href: string; label: string; icon: ReactNode; badge?: string; current: boolean }
export interface NavSection { id: string; label?: string; items: readonly NavItem[] }

export function AppFrame({ sections, foot, children, skip, navLabel }: { sections: readonly NavSection[]; foot: ReactNode; children: ReactNode; skip: string; navLabel: string }) {
  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById('main')?.focus(); }}>{skip}</a>
      <aside className="side">
        <Link href="/" className="brand"><span className="mark" aria-hidden /><span>Anneal</span></Link>
        <nav aria-label={navLabel} style={{ display: 'grid', gap: 2 }}>
          {sections.map((s) => (
            <div key={s.id} style={{ display: 'grid', gap: 2 }}>
              {s.label !== undefined && <div className="sep">{s.label}</div>}
              {s.items.map((i) => <Link key={i.href} href={i.href} className="nav" title={i.label} {...(i.current ? { 'aria-current': 'page' as const } : {})}>{i.icon}<span>{i.label}</span>{i.badge !== undefined && <b>{i.badge}</b>}</Link>)}
            </div>
          ))}
        </nav>
        <div className="foot">{foot}</div>
      </aside>
      <main className="main" id="main" tabIndex={-1}>{children}</main>
    </div>
  );
}
