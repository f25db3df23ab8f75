/** The big chart of a run. It shares its crosshair and its controls with the small ones below it. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../../shared/schema/entities.ts';
import { ChartCard } from '../../charts/chart-card.tsx';
import { useChartView } from '../../charts/chart-view-store.ts';
import { useFormat } from '../../i18n/format.ts';
import { ErrorNote, Segmented } from '../../ui/index.ts';
import { crosshairOf, lastStepShown, linesOf, namesOf, tabOf, tabsOf } from './metric-tabs.ts';
import type { TabId } from './metric-tabs.ts';
import { isOver } from '../../state/run-state.ts';
import { useSeries } from './use-run-data.ts';

export function MainChart({ run, beat }: { run: Run; beat: number | null }) {
  const { t } = useTranslation('run'), f = useFormat();
  const [tabId, setTab] = useState<TabId>('loss');
  const x = useChartView((s) => s.view.x), tab = tabOf(tabId, run.recipe.method);
  const { series, error } = useSeries(run.id, namesOf(tab), x, 1200, beat);
  const clip = run.recipe.train.max_grad_norm;
  const lines = useMemo(() => linesOf(tab, series ?? {}, { train: t('chart.train'), heldOut: t('chart.heldOut'), own: t(`chart.${tab.train as 'learning_rate' | 'grad_norm' | 'tokens_per_second' | 'rss'}`) }), [tab, series, t]);
  if (error !== null && series === null) return <ErrorNote error={error} />;
  return (
    <ChartCard title={t(`chart.${tabId}`)} kind={tab.kind} lines={lines} syncKey={crosshairOf(run)} xMax={lastStepShown(run)} smoothing={tab.smoothing}
      empty={isOver(run.status) && run.step === 0 ? t('chart.nothing') : run.step > 0 && tab.kind === 'ratio' ? t('chart.emptyEval') : t('chart.empty')}
      reference={tabId === 'grad' && clip > 0 ? { value: clip, label: t('chart.clipLine', { value: f.number(clip) }) } : undefined}
      tabs={<Segmented<TabId> label={t('chart.metric')} value={tabId} onChange={setTab} options={tabsOf(run.recipe.method).map((m) => ({ value: m.id, label: t(`chart.${m.id}`) }))} />} />
  );
}
