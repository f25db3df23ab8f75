/** The table of ratios as Markdown, for a README: rows are pairings, columns the rows of the benchmark; with goals, and what misses them. */

import type { Ratio, Spread } from './train-compare.ts';
import { LOSS_TARGET, MEMORY_TARGET, PAIRINGS, ROWS, type Side } from './train-settings.ts';

const TITLES: Readonly<Record<string, string>> = { 'sft-lora': 'SFT', 'dpo-lora': 'DPO, prompts 3 times as long as answers', 'reward-lora': 'reward model', 'sft-full': 'SFT, all weights' };
const SIDES: Readonly<Partial<Record<Side, string>>> = { 'trl-fp32': 'TRL in float32', 'trl-bf16': 'in bf16', 'trl-defaults': 'at its defaults' };

const spreadOf = ({ median, least, most }: Spread, rounds: number): string => (rounds === 1 ? median.toFixed(2) : `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`);
const plural = (n: number): string => (n === 1 ? '1 round' : `${n} rounds`);

export function tableOf(found: readonly Ratio[]): string {
  const rows = ROWS.filter((row) => found.some((r) => r.row === row.id)).toSorted((a, b) => Object.keys(TITLES).indexOf(a.id) - Object.keys(TITLES).indexOf(b.id));
  const of = (row: string, ours: Side, peer: Side): Ratio | undefined => found.find((r) => r.row === row && r.ours === ours && r.peer === peer);
  const line = (title: string, cell: (row: (typeof rows)[number]) => string): string => `| ${title} | ${rows.map(cell).join(' | ')} |`;
  const full = (row: (typeof rows)[number], ours: Side): string => (row.full === true && ours !== 'anneal' ? 'nothing is frozen' : ours === 'anneal-auto' && row.auto !== true ? '' : 'not measured');

  const speed = PAIRINGS.filter((p) => found.some((r) => r.ours === p.ours && r.peer === p.peer)).map(({ what, ours, peer }) => line(what, (row) => {
    const r = of(row.id, ours, peer);
    if (r === undefined) return full(row, ours);
    return `${spreadOf(r.times_faster, r.rounds)}${r.target === null ? '' : `, ${r.meets === true ? `goal ${r.target}` : `missed: ${r.target}`}`}${r.compute === null ? '' : ` (it took ${r.compute === 'fp32' ? 'float32' : r.compute})`}`;
  }));
  const memory = ([['anneal', 'float32'], ['anneal-int8', 'int8']] as const).flatMap(([ours, name]) => {
    const peers = (Object.keys(SIDES) as Side[]).filter((peer) => found.some((r) => r.ours === ours && r.peer === peer));
    return peers.length === 0 ? [] : [line(`peak memory, ${name}: ours; share of ${peers.map((peer, i) => (i === 0 && peer !== 'trl-fp32' ? `TRL ${SIDES[peer]!}` : SIDES[peer]!)).join(', ')} (${MEMORY_TARGET})`, (row) => {
      const shares = peers.flatMap((peer) => of(row.id, ours, peer) ?? []);
      return shares.length === 0 ? full(row, ours) : `${shares[0]!.peak_gb.ours.toFixed(1)} GB; ${shares.map((r) => `${r.memory.median.toFixed(2)}${r.memory_meets ? '' : ' missed'}`).join(', ')}`;
    })];
  });
  const start = line('seconds before the first step: ours in float32, in int8; TRL in float32, at its defaults', (row) => {
    const seconds = (ours: Side, peer: Side, whose: 'ours' | 'peer'): string => { const r = of(row.id, ours, peer); return r === undefined ? '-' : (r.start_seconds[whose] + r.reference_seconds[whose]).toFixed(0); };
    return `${seconds('anneal', 'trl-fp32', 'ours')}, ${row.full === true ? '-' : seconds('anneal-int8', 'trl-bf16', 'ours')}; ${seconds('anneal', 'trl-fp32', 'peer')}, ${seconds('anneal', 'trl-defaults', 'peer')}`;
  });
  const losses = line(`largest difference of losses in float32 (${LOSS_TARGET.toExponential(0)})`, (row) => {
    const r = of(row.id, 'anneal', 'trl-fp32');
    return r?.largest_loss_difference == null ? 'not measured' : `${r.largest_loss_difference.toExponential(1)}${r.losses_meet === false ? ', missed' : ''}`;
  });
  const rounds = (id: string): string => { const n = found.filter((r) => r.row === id).map((r) => r.rounds); const [least, most] = [Math.min(...n), Math.max(...n)]; return least === most ? plural(most) : `${least} to ${plural(most)}`; };
  return [`| | ${rows.map((row) => `${TITLES[row.id]!} (${rounds(row.id)})`).join(' | ')} |`, `| --- |${' --- |'.repeat(rows.length)}`, ...speed, ...memory, start, losses].join('\n');
}

/** One sentence a missed goal, for the report of what is missed. */
export function missed(found: readonly Ratio[]): string[] {
  return found.flatMap((r) => [
    ...(r.meets === false ? [`${r.row}, ${r.what}: ${r.times_faster.median.toFixed(2)} of ${String(r.target)}`] : []),
    ...(r.memory_meets ? [] : [`${r.row}, memory, ${r.what}: ${r.memory.median.toFixed(2)} of ${r.memory_target}`]),
    ...(r.losses_meet === false ? [`${r.row}, losses: ${r.largest_loss_difference!.toExponential(1)} of ${LOSS_TARGET}`] : []),
  ]);
}
