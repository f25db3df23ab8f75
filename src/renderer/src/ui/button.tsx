/** A button, or a link that looks like one. `primary` is ember: at most one on a page. `kbd` shows the shortcut that an action registers. */
import type { MouseEventHandler, ReactNode, Ref } from 'react';
import { Link } from 'wouter';
import { shortcutText } from './keys.tsx';
import { Tip } from './tip.tsx';

interface Look { children?: ReactNode; kind?: 'plain' | 'primary' | 'quiet' | 'danger'; size?: 's' | 'm' | 'l'; icon?: ReactNode; kbd?: string; /** Needed when there is only an icon; also its tooltip. */ label?: string; className?: string }
export interface ButtonProps extends Look { onClick?: MouseEventHandler<HTMLButtonElement>; disabled?: boolean; /** Why it is disabled: told in a tooltip, and the button stays reachable. */ reason?: string; busy?: boolean; type?: 'button' | 'submit'; ref?: Ref<HTMLButtonElement>; autoFocus?: boolean; 'aria-expanded'?: boolean; 'aria-pressed'?: boolean; 'aria-haspopup'?: 'menu' | 'dialog' }

const attributes = ({ kind = 'plain', size = 'm', icon, children, label, className }: Look) => ({
  className: className === undefined ? 'btn' : `btn ${className}`, 'data-kind': kind, 'data-size': size, ...(icon !== undefined && children === undefined ? { 'data-icon': true } : {}), ...(label === undefined ? {} : { 'aria-label': label }),
});

export function Button({ onClick, disabled = false, reason, busy = false, type = 'button', ref, autoFocus, children, icon, kbd, kind, size, label, className, ...aria }: ButtonProps) {
  const soft = disabled && reason !== undefined;
  const button = (
    <button {...attributes({ kind, size, icon, children, label, className })} {...aria} ref={ref} type={type} disabled={(disabled && !soft) || busy} {...(soft ? { 'aria-disabled': true } : {})} {...(busy ? { 'aria-busy': true } : {})} autoFocus={autoFocus} onClick={soft ? (e) => { e.preventDefault(); } : onClick}>
      {icon}{children}{kbd !== undefined && <kbd className="kbd" aria-hidden>{shortcutText(kbd)}</kbd>}
    </button>
  );
  const tip = reason ?? (children === undefined ? label : undefined);
  return tip === undefined ? button : <Tip text={tip}>{button}</Tip>;
}

export function LinkButton({ href, children, icon, kbd, kind, size, label, className }: Look & { href: string }) {
  return <Link href={href} {...attributes({ kind, size, icon, children, label, className })}>{icon}{children}{kbd !== undefined && <kbd className="kbd" aria-hidden>{shortcutText(kbd)}</kbd>}</Link>;
}
