/** The log of the run, newest at the end; stays at the end while one looks there. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogLine } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { Card, CopyButton } from '../../ui/index.ts';
import { sentence } from '../../i18n/sentences.ts';

export function LogCard({ lines, over }: { lines: readonly LogLine[] | null; over: boolean }) {
  const { t } = useTranslation('run'), f = useFormat();
  const box = useRef<HTMLDivElement>(null), atEnd = useRef(true);
  useEffect(() => { const el = box.current; if (el && atEnd.current) el.scrollTop = el.scrollHeight; }, [lines]);
  const all = lines ?? [];
  return (
    <Card title={t('log.title')} right={all.length > 0 ? <CopyButton text={() => Promise.resolve(all.map((l) => `${new Date(l.time).toISOString()} ${l.level} ${l.text}`).join('\n'))} /> : undefined}>
      {all.length === 0 ? <p className="run-note">{t(over ? 'log.nothing' : 'log.none')}</p> : (
        <div className="run-log" ref={box} tabIndex={0} role="log" aria-label={t('log.title')} onScroll={(e) => { const el = e.currentTarget; atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < 24; }}>
          {all.slice(-500).map((l) => <div key={l.seq} data-level={l.level}><time>{f.clock(l.time)}</time>{l.level !== 'info' && <b>{t(`log.level.${l.level}`)}</b>}<span>{sentence(l.text)}</span></div>)}
        </div>
      )}
    </Card>
  );
}
