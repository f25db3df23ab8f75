/** Device, memory, network, as the host measured them last. What is not known yet is not shown as a number. */
import { useTranslation } from 'react-i18next';
import { PROVIDER_NAMES, type ProviderId } from '../../../shared/schema/device.ts';
import { useFormat } from '../i18n/format.ts';
import { useLink } from '../state/client.ts';
import { useSystem } from '../state/system.ts';
import { Skeleton, Tip } from '../ui/index.ts';

export function StatusFoot() {
  const { t } = useTranslation(), f = useFormat(), { info, status } = useSystem(), connected = useLink((s) => s.status === 'open'), ended = useLink((s) => s.status === 'refused' || s.status === 'outdated');
  if (!connected && status === null && info === null) return <span>{ended ? t('status.none') : t('status.connecting')}</span>;
  const provider = info?.providers.find((p) => p.available)?.id ?? 'cpu';
  return (
    <>
      <span>{info ? t('status.device', { device: PROVIDER_NAMES[provider as ProviderId], threads: t('status.threads', { count: info.threads }) }) : <Skeleton width={110} height={12} />}</span>
      {status && info ? <Tip text={t('status.memoryHelp')}><span tabIndex={0}>{t('status.memory', { used: f.bytes(status.rss), total: f.bytes(info.memory_total) })}</span></Tip> : <span><Skeleton width={90} height={12} /></span>}
      {!connected ? <span className="warn">{t('status.reconnecting')}</span>
        : status === null ? <span><Skeleton width={130} height={12} /></span>
          : <Tip text={t('status.networkHelp')}><span tabIndex={0} className={status.connections === 0 ? 'good' : 'warn'}>{status.network !== undefined && status.network.length > 0 ? t('status.networkNow', { what: status.network.join(', ') }) : status.connections === 0 ? t('status.offline') : t('status.connections', { count: status.connections })}</span></Tip>}
    </>
  );
}
