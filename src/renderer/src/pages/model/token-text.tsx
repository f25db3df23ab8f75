/** An answer token by token: the one under the pointer (or reached by arrow keys) tells how likely it was and what else was. Shaded by probability on request. */
import { useState } from 'react';
import type { CSSProperties, KeyboardEvent, PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { visibleParts } from '../../ui/index.ts';
import { shadeOf } from '../../ui/token-chance.ts';
import type { Token } from './chat-store.ts';

/** Room that the box with alternatives takes. */
const BOX = { width: 250, gap: 6 };

export function TokenText({ tokens, shade }: { tokens: readonly Token[]; shade: boolean }) {
  const { t } = useTranslation('model'), [at, setAt] = useState<number | null>(null), [place, setPlace] = useState<CSSProperties>({});
  const show = (index: number, box: HTMLElement): void => {
    const token = box.querySelector<HTMLElement>(`[data-i="${index}"]`);
    if (token === null) return;
    const outer = box.getBoundingClientRect(), inner = token.getClientRects()[0] ?? token.getBoundingClientRect();
    const left = Math.max(0, Math.min(inner.left - outer.left, outer.width - BOX.width));
    setPlace(inner.bottom + 190 > window.innerHeight ? { left, bottom: outer.bottom - inner.top + BOX.gap } : { left, top: inner.bottom - outer.top + BOX.gap });
    setAt(index);
  };
  const onPointer = (e: PointerEvent<HTMLDivElement>): void => {
    const index = e.target instanceof Element ? e.target.closest('[data-i]')?.getAttribute('data-i') : null;
    if (index !== null && index !== undefined) show(Number(index), e.currentTarget);
  };
  const onKey = (e: KeyboardEvent<HTMLDivElement>): void => {
    const to = { ArrowRight: (at ?? -1) + 1, ArrowLeft: (at ?? 1) - 1, Home: 0, End: tokens.length - 1 }[e.key];
    if (e.key === 'Escape' && at !== null) { e.stopPropagation(); setAt(null); return; }
    if (to === undefined || to < 0 || to >= tokens.length) return;
    e.preventDefault();
    show(to, e.currentTarget);
  };
  const token = at === null ? undefined : tokens[at];
  return (
    <div className="chat-tokens" role="group" aria-label={t('chat.tokensOf')} tabIndex={0} onPointerOver={onPointer} onPointerLeave={() => { setAt(null); }} onBlur={() => { setAt(null); }} onKeyDown={onKey}>
      <bdi>{tokens.map((x, i) => <span key={i} data-i={i} data-on={i === at ? true : undefined} data-shade={shade ? shadeOf(x.logprob) : undefined}>{visibleParts(x.text).map((p, j) => (p.hidden ? <span key={j} className="ctl">{p.text}</span> : p.text))}</span>)}</bdi>
      {token !== undefined && <Alternatives token={token} place={place} />}
    </div>
  );
}

function Alternatives({ token, place }: { token: Token; place: CSSProperties }) {
  const { t } = useTranslation('model'), f = useFormat();
  const percent = (logprob: number): string => f.percent(Math.exp(logprob), 1);
  return (
    <div className="chat-alt" role="status" style={{ ...place, width: BOX.width }}>
      <p><code>{JSON.stringify(token.text)}</code><span className="muted">{t('chat.taken', { percent: percent(token.logprob), logprob: f.number(token.logprob, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) })}</span></p>
      {token.top.length === 0 ? <p className="faint">{t('chat.noAlternatives')}</p>
        : <ul aria-label={t('chat.alternatives')}>{token.top.map((a) => <li key={a.id} data-taken={a.id === token.id ? true : undefined}><code>{JSON.stringify(a.text)}</code><i aria-hidden><b style={{ width: `${Math.max(1, Math.exp(a.logprob) * 100)}%` }} /></i><span>{percent(a.logprob)}</span></li>)}</ul>}
    </div>
  );
}
