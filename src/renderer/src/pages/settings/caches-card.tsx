/** What is kept from run to run, how large it is, and a way to clear each, asked first. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CacheId } from '../../../../shared/schema/cache.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, ConfirmDialog, ErrorNote, Skeleton, toast } from '../../ui/index.ts';

export function CachesCard() {
  const { t } = useTranslation('settings'), f = useFormat();
  const { data, error, reload } = useCall((signal) => api.caches.list({}, { signal }), 'caches', { keep: true });
  const [asked, setAsked] = useState<CacheId | null>(null), [busy, setBusy] = useState(false);
  const clear = (cache: CacheId): void => {
    setBusy(true);
    api.caches.clear({ cache }).then(({ bytes }) => { toast.done(t('caches.cleared', { bytes: f.bytes(bytes) })); }, toast.error).finally(() => { setBusy(false); setAsked(null); reload(); });
  };
  const target = data?.find((c) => c.cache === asked), name = asked === null ? '' : t(`caches.${asked}`);
  return (
    <Card title={t('caches.title')} bodyless={false}>
      <p className="muted small">{t('caches.body')}</p>
      {error !== null && error !== undefined && <ErrorNote error={error} retry={reload} />}
      {data === undefined ? <Skeleton height={60} /> : data.map(({ cache, files, bytes }) => (
        <div className="item" key={cache} style={{ paddingInline: 0 }}>
          <div style={{ minWidth: 0, flex: 1 }}><div>{t(`caches.${cache}`)} <span className="muted small">{files === 0 ? t('caches.empty') : t('caches.size', { count: files, bytes: f.bytes(bytes) })}</span></div><div className="muted small">{t(`caches.${cache}Note`)}</div></div>
          <Button size="s" kind="quiet" disabled={files === 0} aria-label={t('caches.clearOne', { name: t(`caches.${cache}`) })} onClick={() => { setAsked(cache); }}>{t('caches.clear')}</Button>
        </div>
      ))}
      <ConfirmDialog open={asked !== null} onClose={() => { setAsked(null); }} title={t('caches.ask', { name })} confirm={t('caches.clear')} busy={busy} onConfirm={() => { if (asked !== null) clear(asked); }}><p>{t('caches.asks', { bytes: f.bytes(target?.bytes ?? 0) })}</p></ConfirmDialog>
    </Card>
  );
}
