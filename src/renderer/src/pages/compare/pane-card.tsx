/** One checkpoint: who it is, the hash of the weights that answered, its answer, and whether it may be compared at all. */
import { IconLock, IconLockOpen2, IconPin, IconPinFilled, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { Button, ErrorNote, Pill, TextView } from '../../ui/index.ts';
import { AnswerView } from './answer-view.tsx';
import { comparable, useCompare } from './compare-store.ts';
import type { Pane } from './compare-store.ts';
import { SamplingFields } from '../sampling-fields.tsx';
import { useTarget } from './use-target.ts';

export function PaneCard({ pane, reference }: { pane: Pane; reference: Pane }) {
  const { t } = useTranslation('compare'), f = useFormat();
  const { view, remove, unlock, lock, setOwn, setReference } = useCompare();
  const who = useTarget(pane.target), other = useTarget(reference.target);
  const a = pane.answer, isReference = pane.key === reference.key, unlocked = pane.own !== null;
  const fair = comparable(a, reference.answer), differs = view === 'difference' && !isReference;
  const hash = a?.weightHash ?? null;
  /** The weights were replaced since they were recorded. */
  const changed = hash !== null && who.hash !== null && hash !== who.hash;
  const seen = a?.promptText ?? null;
  return (
    <section className="card cmp-pane" aria-label={who.label} {...(unlocked ? { 'data-unlocked': true } : isReference && view === 'difference' ? { 'data-ref': true } : {})}>
      <header>
        <h2 title={who.label}>{who.name}</h2><Pill tone={who.trained ? 'ember' : undefined}>{who.tag}</Pill>
        <span className="r"><code title={hash === null ? t('pane.noHash') : t('pane.hash', { hash })}>{hash === null ? '······' : hash.slice(0, 8)}</code></span>
      </header>
      <div className="cmp-tools">
        <Button size="s" kind="quiet" icon={unlocked ? <IconLockOpen2 size={14} /> : <IconLock size={14} />} aria-pressed={unlocked} onClick={() => { if (unlocked) lock(pane.key); else unlock(pane.key); }}>{t(unlocked ? 'pane.lock' : 'pane.unlock')}</Button>{unlocked && <Pill tone="warn">{t('pane.unlocked')}</Pill>}
        {view === 'difference' && <Button size="s" kind="quiet" aria-pressed={isReference} label={isReference ? t('pane.reference') : t('pane.makeReference')} icon={isReference ? <IconPinFilled size={14} /> : <IconPin size={14} />} onClick={() => { setReference(pane.key); }} />}
        <span className="end"><Button size="s" kind="quiet" label={t('pane.remove', { name: who.label })} icon={<IconX size={14} />} onClick={() => { remove(pane.key); }} /></span>
      </div>
      {pane.own !== null && <div className="cmp-own"><p className="warn small">{t('settingsOwn')}</p><SamplingFields value={pane.own} onChange={(c) => { setOwn(pane.key, c); }} /></div>}
      {who.missing && <p className="cmp-idle bad">{t('pane.missing')}</p>}
      {changed && <p className="cmp-idle warn" role="status">{t('pane.changed', { recorded: who.hash?.slice(0, 8), now: hash.slice(0, 8) })}</p>}
      {a === null ? <p className="cmp-idle">{t('pane.idle')}</p> : (
        <>
          <div className="cmp-msg"><div className="w">{t(a.mode === 'chat' ? 'pane.you' : 'pane.prompt')}</div><div className="cmp-prompt"><TextView text={a.prompt} /></div></div>
          <div className="cmp-msg cmp-answer" aria-busy={a.status === 'waiting' || a.status === 'streaming'}>
            <div className="w">{differs && fair ? t('pane.against', { name: other.label }) : t('pane.answer')}{differs && !fair && <span className="warn"> {t('pane.notComparable')}</span>}{isReference && view === 'difference' && <span> · {t('pane.reference')}</span>}</div>
            {a.status === 'failed' ? <ErrorNote error={a.error} kept={a.tokens.length === 0 ? t('pane.failed') : undefined} />
              : a.tokens.length === 0 ? <p className="faint">{a.status === 'waiting' ? t('pane.waiting') : a.status === 'streaming' ? t('pane.reading') : t('pane.empty')}</p>
                : <AnswerView answer={a} view={view} against={differs && fair ? reference.answer : null} />}
          </div>
          {seen !== null && <details className="cmp-seen"><summary>{t('pane.seen')}{a.template !== null && a.template !== '' && a.mode === 'chat' ? `, ${t('pane.template', { name: a.template })}` : ''}</summary><pre><TextView text={seen} /></pre></details>}
          <footer>{a.end ? <>
            <span>{t('pane.tokens', { count: a.end.tokens, n: f.number(a.end.tokens), reason: t(`pane.reason.${a.end.reason}`) })}</span><span>{t('pane.speed', { n: f.number(a.end.tokensPerSecond, { maximumFractionDigits: 0 }) })}</span><span>{t('pane.logprob', { n: f.number(a.end.meanLogprob, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) })}</span>
          </> : <span>{a.status === 'cancelled' ? t('pane.tokens', { count: a.tokens.length, n: f.number(a.tokens.length), reason: t('pane.reason.cancelled') }) : '\u00a0'}</span>}</footer>
        </>
      )}
    </section>
  );
}
