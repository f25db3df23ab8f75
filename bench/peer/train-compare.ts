/** Ratios from the runs in bench/results/peer-train.jsonl: within each round, so that a slow minute of the machine meets both sides; then median, least and most over the rounds. */

import { readFileSync } from 'node:fs';
import type { RoundLine } from './train-round.ts';
import { LOSS_TARGET, MEMORY_TARGET, PAIRINGS, ROWS, type Row, type Side } from './train-settings.ts';

export interface Spread { median: number; least: number; most: number }
export interface Ratio {
  kind: 'ratio'; row: string; model: string; ours: Side; peer: Side; what: string; rounds: number;
  times_faster: Spread; target: number | null; meets: boolean | null;
  /** Ours as a share of the peer's peak. */
  memory: Spread; memory_target: number; memory_meets: boolean;
  ms_per_token: { ours: number; peer: number }; peak_gb: { ours: number; peer: number };
  /** From the start of the process to the first step, without the reference pass; and that pass. */
  start_seconds: { ours: number; peer: number }; reference_seconds: { ours: number; peer: number };
  peer_fill: number; largest_loss_difference: number | null; losses_meet: boolean | null;
  /** What `auto` chose. */
  compute: string | null;
  commits: string[]; date: string; versions: Record<string, string>; machine: RoundLine['machine'];
}

/** Which runs count: rounds of changed code must not be mixed. Dates as ISO text, as far as they are given. */
export interface Filter { since?: string | undefined; until?: string | undefined; commit?: string | undefined }

export function readRuns(file: string, { since = '', until, commit }: Filter): RoundLine[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter((l) => l !== '').map((l) => JSON.parse(l) as RoundLine);
  return lines.filter((r) => r.kind === 'run' && r.date >= since && (until === undefined || r.date < until) && (commit === undefined || r.commit.startsWith(commit) || commit.startsWith(r.commit)));
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
export const median = (list: readonly number[]): number => { const s = list.toSorted((a, b) => a - b); return (s[(s.length - 1) >> 1]! + s[s.length >> 1]!) / 2; };
const spread = (list: readonly number[]): Spread => ({ median: median(list), least: Math.min(...list), most: Math.max(...list) });
/** Without the first step on either side: it compiles, touches memory, warms caches. */
const perToken = (r: RoundLine): number => sum(r.step_ms.slice(1)) / sum(r.tokens.slice(1));
/** Steps of the peer's best settings see the same rows as ours; those of its defaults see other batches of them, so that times are compared per real token. */
const sameBatches = (peer: Side): boolean => peer !== 'trl-defaults';
const perStep = (r: RoundLine): number => sum(r.step_ms.slice(1)) / (r.step_ms.length - 1);

/** Largest difference of losses over the steps of the same content; of int8 too, where it says how far rounding goes. */
function lossDifference(a: RoundLine, b: RoundLine): number | null {
  if (!sameBatches(b.side)) return null;
  const steps = Math.min(a.losses.length, b.losses.length);
  return Math.max(...a.losses.slice(0, steps).map((loss, i) => Math.abs(loss - b.losses[i]!)));
}

/** Every row and pairing of a model that was run. Where a side was run twice in a round, the later run counts. */
export function ratios(runs: readonly RoundLine[], model: string): Ratio[] {
  return ROWS.flatMap((row) => PAIRINGS.flatMap((pairing) => ratio(runs.filter((r) => r.row === row.id && r.model === model), row, pairing) ?? []));
}

function ratio(runs: readonly RoundLine[], row: Row, { peer, ours, what, targets }: (typeof PAIRINGS)[number]): Ratio | null {
  const of = (side: Side, round: string): RoundLine | undefined => runs.findLast((r) => r.side === side && r.round === round);
  const pairs = [...new Set(runs.map((r) => r.round))].flatMap((round) => { const [a, b] = [of(ours, round), of(peer, round)]; return a === undefined || b === undefined ? [] : [[a, b] as const]; });
  if (pairs.length === 0) return null;
  const both = (value: (r: RoundLine) => number): { ours: number; peer: number } => ({ ours: median(pairs.map(([a]) => value(a))), peer: median(pairs.map(([, b]) => value(b))) });
  const speed = spread(pairs.map(([a, b]) => (sameBatches(peer) ? perStep(b) / perStep(a) : perToken(b) / perToken(a))));
  const memory = spread(pairs.map(([a, b]) => a.peak_rss / b.peak_rss));
  const losses = pairs.map(([a, b]) => lossDifference(a, b)).filter((d) => d !== null);
  const target = targets[row.id] ?? null, difference = losses.length === 0 ? null : Math.max(...losses);
  const [last, lastPeer] = pairs.at(-1)!;
  return {
    kind: 'ratio', row: row.id, model: last.model, ours, peer, what, rounds: pairs.length, times_faster: speed, target, meets: target === null ? null : speed.median >= target,
    memory, memory_target: MEMORY_TARGET, memory_meets: memory.median <= MEMORY_TARGET, ms_per_token: both(perToken), peak_gb: both((r) => r.peak_rss / 1e9), start_seconds: both((r) => r.start_seconds), reference_seconds: both((r) => r.reference_seconds),
    peer_fill: median(pairs.map(([, b]) => sum(b.tokens) / sum(b.slots))), largest_loss_difference: difference, losses_meet: difference === null || ours !== 'anneal' || peer !== 'trl-fp32' ? null : difference <= LOSS_TARGET,
    compute: ours === 'anneal-auto' ? (last.compute ?? null) : null, commits: [...new Set(pairs.map(([a]) => a.commit))], date: new Date().toISOString(), versions: lastPeer.versions, machine: last.machine,
  };
}
