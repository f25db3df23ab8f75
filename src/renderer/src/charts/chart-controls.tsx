/** Smoothing, axis kind, horizontal unit, clipping: the same controls in the same place on every chart. */
import { useTranslation } from 'react-i18next';
import { Button, Segmented, Tip } from '../ui/index.ts';
import { X_UNITS } from './chart-line.ts';
import type { XUnit } from './chart-line.ts';
import { useChartView } from './chart-view-store.ts';

export function ChartControls({ smoothing = true }: { smoothing?: boolean }) {
  const { t } = useTranslation('run');
  const { view, set } = useChartView();
  return (
    <div className="chart-controls">
      {smoothing && (
        <Tip text={t('chart.smoothHelp')}>
          <label className="chart-slider">{t('chart.smooth')}<input type="range" min={0} max={0.99} step={0.01} value={view.smooth} onChange={(e) => { set({ smooth: e.target.valueAsNumber }); }} /><output>{view.smooth.toFixed(2)}</output></label>
        </Tip>
      )}
      <Segmented label={t('chart.axis')} value={view.log ? 'log' : 'linear'} options={[{ value: 'linear', label: t('chart.linear') }, { value: 'log', label: t('chart.log') }]} onChange={(v) => { set({ log: v === 'log' }); }} />
      <Segmented<XUnit> label={t('chart.x')} value={view.x} options={X_UNITS.map((value) => ({ value, label: t(`chart.${value}`) }))} onChange={(x) => { set({ x }); }} />
      <Tip text={t('chart.clipHelp')}><Button size="s" kind={view.clip ? 'plain' : 'quiet'} aria-pressed={view.clip} onClick={() => { set({ clip: !view.clip }); }}>{t('chart.clip')}</Button></Tip>
    </div>
  );
}
