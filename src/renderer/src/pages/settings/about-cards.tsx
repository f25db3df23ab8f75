/** Network, versions, diagnostics: all from the host. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useSystem } from '../../state/system.ts';
import { useCall } from '../../state/use-call.ts';
import { Button, Card, CopyButton, ErrorNote, KeyValue, Skeleton } from '../../ui/index.ts';

export function AboutCards() {
  const { t } = useTranslation('settings'), f = useFormat(), { info, status } = useSystem();
  return (
    <div className="stack">
      <Card title={t('network.title')} bodyless={false}>
        {status ? <p className={status.connections === 0 ? 'good' : 'warn'}>{status.connections === 0 ? t('network.zero') : t('network.some', { count: status.connections })}</p> : <Skeleton width={200} />}
        <p className="muted small">{t('network.note')}</p>
      </Card>
      <Card title={t('about.title')} bodyless={false}>
        {info ? <KeyValue items={[
          [t('about.version'), info.version], [t('about.mode'), t(`about.modes.${info.mode}`)], [t('about.ort'), info.onnxruntime], [t('about.node'), info.node], info.electron !== null && [t('about.electron'), info.electron],
          [t('about.platform'), `${info.platform} ${info.arch}`], [t('about.cpu'), `${info.cpu}, ${t('about.cores', { count: info.cores })}`],
          [t('about.memory'), status ? t('about.memoryValue', { total: f.bytes(info.memory_total), free: f.bytes(status.memory_free) }) : f.bytes(info.memory_total)],
          [t('about.home'), t('about.homeValue', { path: info.home, free: f.bytes(info.home_free) })], [t('about.license'), 'Apache-2.0'],
        ]} /> : <Skeleton height={160} />}
      </Card>
      <Diagnostics />
    </div>
  );
}

function Diagnostics() {
  const { t } = useTranslation('settings'), [shown, setShown] = useState(false), text = useCall((signal) => api.system.diagnostics({}, { signal }), shown ? 'text' : null);
  return (
    <Card title={t('diagnostics.title')} bodyless={false}>
      <p className="muted small">{t('diagnostics.body')}</p>
      <div className="line" style={{ marginTop: 8 }}><CopyButton label={t('diagnostics.copy')} text={async () => (await api.system.diagnostics()).text} /><Button size="s" kind="quiet" aria-expanded={shown} onClick={() => { setShown(!shown); }}>{shown ? t('diagnostics.hide') : t('diagnostics.show')}</Button></div>
      {text.error !== null && <ErrorNote error={text.error} retry={text.reload} />}
      {shown && text.data && <pre className="mono muted" tabIndex={0} style={{ marginTop: 8, maxHeight: 260, overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{text.data.text}</pre>}
    </Card>
  );
}
