/** Instead of pages while there is no host to show: first contact, a page that is too old, a page without the key. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkState } from '../../../shared/rpc/link.ts';
import { shell } from '../state/shell.ts';
import { Button, ErrorNote, Skeleton } from '../ui/index.ts';

const SLOW_MS = 4000;

export function ConnectionScreen({ state }: { state: LinkState }) {
  const { t } = useTranslation(), [slow, setSlow] = useState(false);
  useEffect(() => { const timer = setTimeout(() => { setSlow(true); }, SLOW_MS); return () => { clearTimeout(timer); }; }, []);
  if (state.status === 'refused') return <ErrorNote error={state.error} kept={t('connection.kept')} />;
  if (state.status === 'outdated') return <ErrorNote level="warn" error={{ code: 'version-mismatch', message: t('connection.outdated') }} kept={t('connection.kept')} actions={<Button size="s" onClick={() => { location.reload(); }}>{t('reload')}</Button>} />;
  return (
    <div className="stack" aria-busy="true" aria-label={t('status.connecting')}>
      {state.status === 'connecting' && state.reason && <ErrorNote level="warn" error={state.reason} />}
      <Skeleton width={220} height={24} /><Skeleton height={120} /><Skeleton height={220} />
      {slow && <p className="muted" role="status">{t('connection.slow')} {shell && <Button size="s" onClick={() => { void shell?.host.restart(); }}>{t('connection.restart')}</Button>}</p>}
    </div>
  );
}
