/** Curves of several runs in one picture: training solid, held-out as points, a colour a run; and the settings in which their recipes differ. */
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Series } from '../../../../shared/contract.ts';
import type { Run } from '../../../../shared/schema/entities.ts';
import { ChartCard } from '../../charts/chart-card.tsx';
import { lineOf } from '../../charts/chart-line.ts';
import type { ChartLine, Tone } from '../../charts/chart-line.ts';
import { useChartView } from '../../charts/chart-view-store.ts';
import { Button, Card, ErrorNote, Pill } from '../../ui/index.ts';
import { api } from '../../state/client.ts';
import { recipeDifferences } from './recipe-differences.ts';

const TONES: readonly Tone[] = ['ember', 'steel', 'good', 'violet', 'warn', 'bad'];
const MOST = TONES.length;

export function Overlay({ runs, onClose }: { runs: readonly Run[]; onClose: () => void }) {
  const { t } = useTranslation('runs');
  const x = useChartView((s) => s.view.x), shown = runs.slice(0, MOST);
  const { data, error } = useAllSeries(shown, x);
  const lines = useMemo(() => shown.flatMap((r, i): ChartLine[] => {
    const tone = TONES[i] ?? 'muted', mine = data[r.id] ?? [], train = mine.find((s) => s.name === 'loss'), held = mine.find((s) => s.name === 'eval_loss');
    return [
      ...(train && train.steps.length > 0 ? [lineOf(train, { id: `${r.id}.loss`, label: t('overlayTrain', { name: r.name }), tone, shape: 'line' })] : []),
      ...(held && held.steps.length > 0 ? [lineOf(held, { id: `${r.id}.eval`, label: t('overlayHeld', { name: r.name }), tone, shape: 'dots' })] : []),
    ];
  // `data` and the ids decide what is drawn.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  }), [data, t, shown.map((r) => r.id).join()]);
  const differences = useMemo(() => recipeDifferences(shown.map((r) => r.recipe)), [shown]);
  return (
    <>
      <div className="runs-bar"><Button onClick={onClose}>{t('overlayClose')}</Button>{shown.map((r, i) => <Pill key={r.id}><i className="swatch" data-tone={TONES[i]} />{r.name}</Pill>)}</div>
      {error !== null && <ErrorNote error={error} />}
      <ChartCard title={t('overlayTitle', { count: shown.length })} lines={lines} kind="plain" height={380} empty={t('overlayEmpty')} />
      <Card title={t('differences')}>
        {differences.length === 0 ? <p className="run-note">{t('noDifferences')}</p> : (
          <div className="runs-wide" tabIndex={0} role="region" aria-label={t('differences')}><table className="plain"><thead><tr><th scope="col">{t('setting')}</th>{shown.map((r) => <th scope="col" key={r.id}>{r.name}</th>)}</tr></thead>
            <tbody>{differences.map((d) => <tr key={d.path}><th scope="row"><code>{d.path}</code></th>{d.values.map((v, i) => <td key={shown[i]?.id ?? i}>{v ?? '–'}</td>)}</tr>)}</tbody></table></div>
        )}
      </Card>
    </>
  );
}

function useAllSeries(runs: readonly Run[], x: 'step' | 'tokens' | 'epoch' | 'seconds'): { data: Record<string, Series[]>; error: unknown } {
  const [state, setState] = useState<{ data: Record<string, Series[]>; error: unknown }>({ data: {}, error: null });
  const key = runs.map((r) => `${r.id}@${r.metric_seq}`).join();
  useEffect(() => {
    const stop = new AbortController();
    Promise.all(runs.map(async (r) => [r.id, (await api.runs.metrics({ id: r.id, names: ['loss', 'eval_loss'], x, points: 600 }, { signal: stop.signal })).series] as const))
      .then((all) => { setState({ data: Object.fromEntries(all), error: null }); }, (error: unknown) => { if (!stop.signal.aborted) setState((s) => ({ ...s, error })); });
    return () => { stop.abort(); };
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the runs and how far they are
  }, [key, x]);
  return state;
}
