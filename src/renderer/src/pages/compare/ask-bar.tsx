/** One prompt for all panes: Enter sends, Shift Enter breaks the line, the arrow up in an empty field brings back what was asked. */
import { IconHistory } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { Button, Card } from '../../ui/index.ts';
import { askAll, stopAll } from './ask-all.ts';
import { useCompare } from './compare-store.ts';

export function AskBar() {
  const { t } = useTranslation('compare'), f = useFormat();
  const { panes, mode, history, setMode } = useCompare();
  const [text, setText] = useState(''), [past, setPast] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const busy = panes.some((p) => p.answer?.status === 'waiting' || p.answer?.status === 'streaming');
  useEffect(() => { field.current?.focus({ preventScroll: true }); }, []);
  const send = (): void => { if (text.trim() !== '') { askAll(text); setText(''); } };
  return (
    <Card label={t('ask.label')}>
      <div className="cmp-ask">
        <textarea ref={field} className="input" rows={Math.min(6, text.split('\n').length)} aria-label={t('ask.label')} placeholder={mode === 'raw' ? t('ask.placeholderRaw') : t('ask.placeholder', { count: panes.length })} value={text} onChange={(e) => { setText(e.target.value); }}
          onKeyDown={(e) => {
            if (e.key === 'Enter' && !e.shiftKey && !e.nativeEvent.isComposing) { e.preventDefault(); send(); }
            if (e.key === 'ArrowUp' && text === '' && history[0]) { e.preventDefault(); setText(history[0].prompt); }
          }} />
        <Button label={t('ask.history')} icon={<IconHistory size={16} stroke={1.7} />} aria-expanded={past} onClick={() => { setPast(!past); }} />
        {busy ? <Button onClick={stopAll} kbd="Escape">{t('ask.stop')}</Button> : <Button kind="primary" kbd="Enter" disabled={text.trim() === ''} onClick={send}>{t('ask.send')}</Button>}
      </div>
      {past && <div className="cmp-history">{history.length === 0 ? <p className="muted">{t('ask.historyEmpty')}</p> : history.map((h) => <button type="button" key={`${h.time}${h.prompt}`} title={t('ask.again')} onClick={() => { setMode(h.mode); setText(h.prompt); setPast(false); field.current?.focus(); }}><span className="ellipsis">{h.prompt}</span><span className="faint">{t(`mode.${h.mode}`)}, {f.ago(h.time)}</span></button>)}</div>}
    </Card>
  );
}
