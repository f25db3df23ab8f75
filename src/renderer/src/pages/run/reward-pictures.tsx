/** Two small pictures of a report card: the margins of all pairs, and predicted against observed preference. Each shape says its numbers. */
import { useTranslation } from 'react-i18next';
import type { RewardReport } from '../../../../shared/schema/reward.ts';
import { useFormat } from '../../i18n/format.ts';

const W = 320, H = 120, BASE = 104;

export function MarginPicture({ histogram }: { histogram: RewardReport['histogram'] }) {
  const { t } = useTranslation('reward'), f = useFormat();
  const most = Math.max(1, ...histogram.map((b) => b.count)), step = W / histogram.length;
  const two = (x: number): string => f.number(x, { maximumFractionDigits: 2 });
  return (
    <svg className="reward-picture" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={t('marginsHint')}>
      {histogram.map((b, i) => {
        const height = (b.count / most) * (BASE - 6);
        return b.count > 0 && <rect key={b.from} x={i * step + 1} y={BASE - height} width={step - 2} height={height} rx={1.5} fill={i < histogram.length / 2 ? 'var(--bad)' : 'var(--steel)'} opacity={0.8}><title>{t('marginBar', { from: two(b.from), to: two(b.to), n: f.number(b.count) })}</title></rect>;
      })}
      <line x1={0} x2={W} y1={BASE} y2={BASE} stroke="var(--line)" /><line x1={W / 2} x2={W / 2} y1={0} y2={BASE + 4} stroke="var(--line-strong)" strokeDasharray="2 3" />
      <text x={0} y={H - 3}>{two(histogram[0]?.from ?? 0)}</text><text x={W / 2} y={H - 3} textAnchor="middle">0</text><text x={W} y={H - 3} textAnchor="end">{two(histogram.at(-1)?.to ?? 0)}</text>
    </svg>
  );
}

const S = 120, LEFT = 38, x = (p: number): number => LEFT + p * (W - LEFT - 8), y = (p: number): number => BASE - p * (BASE - 8);

export function CalibrationPicture({ bins }: { bins: RewardReport['calibration']['bins'] }) {
  const { t } = useTranslation('reward'), f = useFormat(), filled = bins.filter((b) => b.n > 0), most = Math.max(1, ...filled.map((b) => b.n));
  return (
    <svg className="reward-picture" viewBox={`0 0 ${W} ${S}`} role="img" aria-label={t('calibrationHint')}>
      {[0, 0.5, 1].map((v) => <g key={v}><line x1={x(0)} x2={x(1)} y1={y(v)} y2={y(v)} stroke="var(--line-soft)" /><text x={LEFT - 6} y={y(v) + 4} textAnchor="end">{f.percent(v)}</text><text x={x(v)} y={S - 2} textAnchor={v === 0 ? 'start' : v === 1 ? 'end' : 'middle'}>{f.percent(v)}</text></g>)}
      <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} stroke="var(--line-strong)" strokeDasharray="2 3" />
      <polyline points={filled.map((b) => `${x(b.predicted)},${y(b.observed)}`).join(' ')} fill="none" stroke="var(--steel)" strokeWidth={1.5} />
      {filled.map((b) => <circle key={b.from} cx={x(b.predicted)} cy={y(b.observed)} r={2 + 3.5 * Math.sqrt(b.n / most)} fill="var(--steel)"><title>{t('calibrationPoint', { predicted: f.percent(b.predicted), observed: f.percent(b.observed), n: f.number(b.n) })}</title></circle>)}
    </svg>
  );
}
