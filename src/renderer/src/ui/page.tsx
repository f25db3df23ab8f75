/** The head of a page, and cards. The crumb is where one came from; the title names the thing; pills say its state; actions stand at the right. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

export type Tone = 'ember' | 'steel' | 'good' | 'warn' | 'bad';
export interface Crumb { label: string; href?: string }

export function PageHead({ crumbs = [], title, pills, actions }: { crumbs?: readonly Crumb[]; title: ReactNode; pills?: ReactNode; actions?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="head">
      <div style={{ minWidth: 0 }}>
        <nav className="crumb" aria-label={t('crumbs')}>{crumbs.map((c, i) => <span key={c.label}>{i > 0 && <span aria-hidden>/ </span>}{c.href === undefined ? c.label : <Link href={c.href}>{c.label}</Link>}</span>)}</nav>
        <h1 tabIndex={-1}><span>{title}</span>{pills}</h1>
      </div>
      {actions !== undefined && <div className="acts">{actions}</div>}
    </div>
  );
}

export function Card({ title, right, footer, lit = false, children, label, className, bodyless = true }: { title?: ReactNode; right?: ReactNode; footer?: ReactNode; /** Ember frame: this is what is being trained or asked about. */ lit?: boolean; children?: ReactNode; label?: string; className?: string; /** False puts the content into a padded body. */ bodyless?: boolean }) {
  return (
    <section className={className === undefined ? 'card' : `card ${className}`} {...(label === undefined ? {} : { 'aria-label': label })} {...(lit ? { 'data-lit': true } : {})}>
      {(title !== undefined || (right !== undefined && right !== false)) && <header>{title !== undefined && <h2>{title}</h2>}{right !== undefined && right !== false && <div className="r">{right}</div>}</header>}
      {bodyless ? children : <div className="body">{children}</div>}
      {footer !== undefined && footer !== null && footer !== false && <footer>{footer}</footer>}
    </section>
  );
}

export function Pill({ tone, children }: { tone?: Tone; children: ReactNode }) {
  return <span className="pill" {...(tone === undefined ? {} : { 'data-tone': tone })}>{children}</span>;
}
export function Dot({ tone, label }: { tone?: Tone; label?: string }) {
  return <span className="dot" {...(tone === undefined ? {} : { 'data-tone': tone })} {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })} />;
}

/** A number with its name, and what it was measured on or against. */
export function Stat({ label, value, detail }: { label: ReactNode; value: ReactNode; detail?: ReactNode }) {
  return <div className="stat"><div className="k">{label}</div><div className="v">{value}{detail !== undefined && <span className="d">{detail}</span>}</div></div>;
}

/** Steel to ember; the gradient spans the whole track, so that warmth means progress. `value` from 0 to 1; without it, nothing was measured yet. */
export function Progress({ value, label }: { value: number; label: string }) {
  const percent = Math.max(0, Math.min(1, value)) * 100;
  return <div className="bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(percent)}><i style={{ width: `${percent}%`, ['--bar-span' as string]: percent > 0 ? `${10000 / percent}%` : '100%' }} /></div>;
}

export function KeyValue({ items }: { items: readonly (readonly [label: ReactNode, value: ReactNode] | false | null | undefined)[] }) {
  return <dl className="kv">{items.filter((i) => i !== false && i !== null && i !== undefined).map(([k, v], i) => <div key={i}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>;
}

export function Skeleton({ width = '100%', height = 14 }: { width?: number | string; height?: number }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden />;
}
