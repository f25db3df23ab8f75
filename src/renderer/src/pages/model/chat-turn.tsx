/** One exchange: what was said, the answer as it comes, the weights that gave it, and how it ended. */
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { useCheckpoint } from '../../state/entities.ts';
import { Button, CopyButton, ErrorNote, TextView } from '../../ui/index.ts';
import { again } from './chat-ask.ts';
import { textOf } from './chat-messages.ts';
import type { Turn } from './chat-store.ts';
import { TokenText } from './token-text.tsx';

export function ChatTurn({ model, turn, shade, last }: { model: Model; turn: Turn; shade: boolean; last: boolean }) {
  const { t } = useTranslation('model'), f = useFormat(), { answer: a } = turn, checkpoint = useCheckpoint(a.checkpointId);
  const who = a.checkpointId === null ? model.name : checkpoint ? checkpoint.imported !== undefined ? checkpoint.run_name : t('chat.checkpoint', { run: checkpoint.run_name, step: f.number(checkpoint.step) }) : a.checkpointId;
  const busy = a.status === 'waiting' || a.status === 'streaming';
  return (
    <>
      <div className="chat-msg" data-role="user"><div className="w">{t('chat.you')}</div><TextView text={turn.text} /></div>
      <div className="chat-msg" data-role="assistant" aria-busy={busy}>
        <div className="w">{t('chat.answer', { name: who })}{a.weightHash !== null && <code title={t('chat.hashTitle', { hash: a.weightHash })}>{t('chat.hash', { hash: a.weightHash.slice(0, 8) })}</code>}</div>
        {a.cut !== null && <p className="warn small">{t(`chat.cut.${a.cut.side}`, { tokens: f.number(a.cut.tokens) })}</p>}
        {a.tokens.length > 0 ? <TokenText tokens={a.tokens} shade={shade} /> : a.status === 'failed' ? null : <p className="faint">{a.status === 'waiting' ? t('chat.waiting') : a.status === 'streaming' ? t('chat.reading') : t('chat.emptyAnswer')}</p>}
        {a.end?.complete === false && <p className="warn small">{t('chat.grammar.notComplete')}</p>}
        {a.status === 'failed' && <ErrorNote error={a.error} kept={t('chat.failedKept')} {...(last ? { retry: () => { again(model.id); } } : {})} />}
        {!busy && a.status !== 'failed' && (
          <div className="chat-foot">
            <span>{t('chat.tokens', { count: a.end?.tokens ?? a.tokens.length, n: f.number(a.end?.tokens ?? a.tokens.length) })}</span>
            <span>{t(`chat.cause.${a.end?.cause ?? 'cancelled'}`, { text: JSON.stringify(a.end?.stopString ?? '') })}</span>
            {a.end && <><span>{t('chat.speed', { n: f.number(a.end.tokensPerSecond, { maximumFractionDigits: a.end.tokensPerSecond < 10 ? 1 : 0 }) })}</span><span>{t('chat.logprob', { n: f.number(a.end.meanLogprob, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) })}</span></>}
            {a.promptTokens !== null && <span>{t('chat.prompt', { count: a.promptTokens, n: f.number(a.promptTokens) })}</span>}
            <span className="end">{last && <Button size="s" kind="quiet" icon={<IconRefresh size={14} stroke={1.7} />} onClick={() => { again(model.id); }}>{t('chat.again')}</Button>}<CopyButton text={() => Promise.resolve(textOf(a))} /></span>
          </div>
        )}
        {a.promptText !== null && !busy && <details className="chat-seen"><summary>{t('chat.seen')}</summary><pre><TextView text={a.promptText} /></pre></details>}
      </div>
    </>
  );
}
