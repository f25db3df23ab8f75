/** Beside the demo: what ran last, which models are here, what to do next. */
import { IconColumns2, IconCube, IconFlame, IconTable } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Run } from '../../../../shared/schema/entities.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { useModels, useRuns } from '../../state/entities.ts';
import { isLive } from '../../state/selectors.ts';
import { Card, Dot } from '../../ui/index.ts';
import type { Tone } from '../../ui/index.ts';

const toneOf = (run: Run): Tone | undefined => (isLive(run) ? 'ember' : run.status === 'completed' ? 'good' : run.status === 'failed' ? 'bad' : run.status === 'paused' || run.status === 'interrupted' ? 'warn' : undefined);

export function HomeSide() {
  const { t } = useTranslation(['home', 'run']), f = useFormat(), runs = useRuns().slice(0, 5), models = useModels();
  return (
    <div className="stack">
      <Card title={t('runs.title')} right={runs.length > 0 && <Link href={routes.runs}>{t('runs.all')}</Link>}>
        {runs.length === 0 && <p className="muted small" style={{ padding: '12px 14px' }}>{t('runs.empty')}</p>}
        {runs.map((r) => (
          <Link key={r.id} href={routes.run(r.id)} className="run-line">
            <span className="line"><Dot tone={toneOf(r)} /><span className="ellipsis">{r.name}</span></span>
            <Sparkline values={r.spark} width={74} height={26} tone={isLive(r) ? 'ember' : 'steel'} />
            <small className="ellipsis">{t('runs.line', { status: t(`run:status.${r.status}`), detail: r.status === 'completed' ? f.ago(r.ended_at ?? r.created_at) : t('runs.step', { step: f.number(r.step), total: f.number(r.total_steps) }) })}</small>
          </Link>
        ))}
      </Card>
      <Card title={t('models.title')} right={<Link href={routes.models}>{t('models.all')}</Link>}>
        {models.slice(0, 4).map((m) => <Link key={m.id} href={routes.model(m.id)} className="item"><Dot tone={m.missing ? 'warn' : 'steel'} /><span className="ellipsis">{m.name}</span><span className="end muted small">{f.count(m.parameters)} · {m.dtype}</span></Link>)}
      </Card>
      <Card title={t('next.title')} className="next">
        <Link href={`${routes.models}?import=1`}><IconCube size={18} stroke={1.6} aria-hidden /><b>{t('next.model')}</b><small>{t('next.modelBody')}</small></Link>
        <Link href={`${routes.datasets}?import=1`}><IconTable size={18} stroke={1.6} aria-hidden /><b>{t('next.data')}</b><small>{t('next.dataBody')}</small></Link>
        <Link href={routes.train()}><IconFlame size={18} stroke={1.6} aria-hidden /><b>{t('next.train')}</b><small>{t('next.trainBody')}</small></Link>
        <Link href={routes.compare()}><IconColumns2 size={18} stroke={1.6} aria-hidden /><b>{t('next.compare')}</b><small>{t('next.compareBody')}</small></Link>
      </Card>
    </div>
  );
}
