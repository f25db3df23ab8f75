/** A conversation with the model or one of its checkpoints: streaming, with the settings beside it. */
import { IconMessage } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearch } from 'wouter';
import { usePageActions } from '../../actions/index.ts';
import type { Model } from '../../../../shared/schema/entities.ts';
import { Button, Card, EmptyState } from '../../ui/index.ts';
import { SHADES } from '../../ui/token-chance.ts';
import { say, stopTalking } from './chat-ask.ts';
import { readGrammar } from './chat-grammar.ts';
import { ChatSettings } from './chat-settings.tsx';
import { changeTalk, isBusy, useTalk } from './chat-store.ts';
import { ChatTurn } from './chat-turn.tsx';
import './chat.css';

export function ChatTab({ model }: { model: Model }) {
  const { t } = useTranslation(['model', 'common', 'compare']), talk = useTalk(model.id), [text, setText] = useState(''), field = useRef<HTMLTextAreaElement>(null), end = useRef<HTMLDivElement>(null);
  const asked = new URLSearchParams(useSearch()).get('checkpoint'), busy = isBusy(talk), raw = talk.mode === 'raw' || !model.has_template, incomplete = readGrammar(talk.options.grammar).problem !== null;
  // The address names the weights; afterwards the person may choose others.
  useEffect(() => { if (asked !== null) changeTalk(model.id, { checkpointId: asked }); }, [asked, model.id]);
  useEffect(() => { if (!model.has_template) changeTalk(model.id, { mode: 'raw' }); }, [model.id, model.has_template]);
  useEffect(() => { field.current?.focus({ preventScroll: true }); }, []);
  const count = talk.turns.length, written = talk.turns.at(-1)?.answer.tokens.length ?? 0;
  useEffect(() => {
    const box = end.current?.parentElement;
    // Follows the answer only while the end is in sight.
    if (box && box.scrollHeight - box.scrollTop - box.clientHeight < 160) box.scrollTop = box.scrollHeight;
  }, [count, written]);
  const send = (): void => {
    if (text.trim() === '' || busy || incomplete) return;
    say(model.id, text);
    setText('');
    requestAnimationFrame(() => { end.current?.scrollIntoView({ block: 'end' }); });
  };
  const section = t('common:section.page'), stop = (): void => { stopTalking(model.id); }, clear = (): void => { stop(); changeTalk(model.id, { turns: [] }); field.current?.focus(); };
  usePageActions([
    { id: 'model.chat.stop', label: t('model:chat.stopButton'), section, shortcut: 'Escape', inFields: true, enabled: busy, run: stop },
    { id: 'model.chat.new', label: t('model:chat.new'), section, enabled: talk.turns.length > 0, run: clear },
  ]);
  return (
    <div className="cols chat-cols">
      <Card className="chat-card" title={t('model:chat.title')} right={<><label className="md-check"><input type="checkbox" checked={talk.shade} onChange={(e) => { changeTalk(model.id, { shade: e.target.checked }); }} />{t('model:chat.shade')}</label><Button size="s" kind="quiet" disabled={talk.turns.length === 0} onClick={clear}>{t('model:chat.new')}</Button></>}>
        {talk.shade && <div className="chat-legend">{t('model:chat.legend')}{SHADES.map((x) => <span key={x}><i data-shade={x}>{'\u00a0\u00a0'}</i>{t(`compare:shade.${x}`)}</span>)}</div>}
        <div className="chat-log" tabIndex={0} role="log" aria-label={t('model:chat.title')} aria-live="off">
          {talk.turns.length === 0 ? <EmptyState icon={<IconMessage size={28} stroke={1.4} />} title={t('model:chat.empty', { name: model.name })}>{t('model:chat.emptyBody')}</EmptyState>
            : talk.turns.map((turn, i) => <ChatTurn key={turn.key} model={model} turn={turn} shade={talk.shade} last={i === talk.turns.length - 1} />)}
          <div ref={end} />
        </div>
        <div className="chat-ask">
          <textarea ref={field} className="input" rows={Math.min(8, text.split('\n').length)} aria-label={t('model:chat.message')} placeholder={t(raw ? 'model:chat.placeholderRaw' : 'model:chat.placeholder')} value={text} disabled={model.missing} onChange={(e) => { setText(e.target.value); }}
            onKeyDown={(e) => {
              if (e.key === 'Enter' && !e.shiftKey && !e.nativeEvent.isComposing) { e.preventDefault(); send(); }
              if (e.key === 'ArrowUp' && text === '' && talk.turns.length > 0) { e.preventDefault(); setText(talk.turns.at(-1)?.text ?? ''); }
            }} />
          {busy ? <Button onClick={stop} kbd="Escape">{t('model:chat.stopButton')}</Button> : <Button kind="primary" kbd="Enter" disabled={text.trim() === '' || model.missing || incomplete} {...(incomplete ? { reason: t('model:chat.grammar.first') } : {})} onClick={send}>{t('model:chat.send')}</Button>}
        </div>
      </Card>
      <ChatSettings model={model} talk={talk} />
    </div>
  );
}
