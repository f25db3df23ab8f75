/** Two shares with their intervals on one axis from 0 to 1: before training in steel above, after it in ember below. A picture of the numbers beside it. */
interface Share { value: number; low: number; high: number }
const W = 200, PAD = 4, x = (share: number): number => PAD + share * (W - 2 * PAD);

export function IntervalPicture({ before, after }: { before: Share; after: Share }) {
  const line = (low: number, value: number, high: number, y: number, color: string) => (
    <g stroke={color} fill={color}><line x1={x(low)} x2={x(high)} y1={y} y2={y} strokeWidth={2} strokeLinecap="round" opacity={0.45} vectorEffect="non-scaling-stroke" /><rect x={x(value) - 1.5} y={y - 3} width={3} height={6} rx={1} stroke="none" /></g>
  );
  return (
    <svg viewBox={`0 0 ${W} 16`} preserveAspectRatio="none" aria-hidden>
      {[0, 0.5, 1].map((v) => <line key={v} x1={x(v)} x2={x(v)} y1={0} y2={16} stroke="var(--line)" vectorEffect="non-scaling-stroke" />)}
      {line(before.low, before.value, before.high, 4.5, 'var(--steel)')}
      {line(after.low, after.value, after.high, 11.5, 'var(--ember)')}
    </svg>
  );
}
