/**
 * The table beside TRL from the runs in bench/results/peer-train.jsonl: for every row and pairing the ratio of times per real token within each round, as median with least and most; peak memory; the largest difference of losses.
 *   node bench/peer/train-summary.ts [--record] [--since <date>]
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoundLine } from './train-round.ts';
import { MEMORY_TARGET, PAIRINGS, ROWS, type Side } from './train-settings.ts';

const results = process.env['ANNEAL_PEER_RESULTS'] ?? join(import.meta.dirname, '../results/peer-train.jsonl');
const words = process.argv.slice(2);
const since = words.includes('--since') ? words[words.indexOf('--since') + 1]! : '';
const runs = readFileSync(results, 'utf8').split('\n').filter((l) => l !== '').map((l) => JSON.parse(l) as RoundLine).filter((r) => r.kind === 'run' && r.date >= since);

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const median = (list: readonly number[]): number => { const s = list.toSorted((a, b) => a - b); return (s[(s.length - 1) >> 1]! + s[s.length >> 1]!) / 2; };
const spread = (list: readonly number[]): { median: number; least: number; most: number } => ({ median: median(list), least: Math.min(...list), most: Math.max(...list) });
/** Without the first step on either side: it compiles, touches memory, warms caches. */
const perToken = (r: RoundLine): number => sum(r.step_ms.slice(1)) / sum(r.tokens.slice(1));
/** Steps of the peer's best settings see the same rows as ours; those of its defaults see other batches of them, so that times are compared per real token. */
const sameBatches = (peer: Side): boolean => peer !== 'trl-defaults';
const perStep = (r: RoundLine): number => sum(r.step_ms.slice(1)) / (r.step_ms.length - 1);
/** Largest difference of losses over the steps of the same content. */
function lossDifference(a: RoundLine, b: RoundLine): number | null {
  if (!sameBatches(b.side)) return null;
  const steps = Math.min(a.losses.length, b.losses.length);
  return Math.max(...a.losses.slice(0, steps).map((loss, i) => Math.abs(loss - b.losses[i]!)));
}

for (const model of new Set(runs.map((r) => r.model))) for (const row of ROWS) for (const { peer, ours, what, targets } of PAIRINGS) {
  const pairs = runs.filter((r) => r.row === row.id && r.model === model && r.side === ours).flatMap((a) => { const b = runs.find((r) => r.row === row.id && r.model === model && r.side === peer && r.round === a.round); return b === undefined ? [] : [[a, b] as const]; });
  if (pairs.length === 0) continue;
  const speed = spread(pairs.map(([a, b]) => (sameBatches(peer) ? perStep(b) / perStep(a) : perToken(b) / perToken(a))));
  const memory = spread(pairs.map(([a, b]) => a.peak_rss / b.peak_rss));
  const losses = pairs.map(([a, b]) => lossDifference(a, b)).filter((d) => d !== null);
  const target = targets[row.id];
  const line = {
    kind: 'ratio', row: row.id, model, what, rounds: pairs.length, times_faster: speed, target: target ?? null, meets: target === undefined ? null : speed.median >= target,
    memory, memory_target: MEMORY_TARGET, memory_meets: memory.median <= MEMORY_TARGET,
    ms_per_token: { ours: median(pairs.map(([a]) => perToken(a))), peer: median(pairs.map(([, b]) => perToken(b))) }, peak_gb: { ours: median(pairs.map(([a]) => a.peak_rss / 1e9)), peer: median(pairs.map(([, b]) => b.peak_rss / 1e9)) },
    start_seconds: { ours: median(pairs.map(([a]) => a.start_seconds)), peer: median(pairs.map(([, b]) => b.start_seconds)) }, peer_fill: median(pairs.map(([, b]) => sum(b.tokens) / sum(b.slots))),
    largest_loss_difference: losses.length === 0 ? null : Math.max(...losses), commit: pairs.at(-1)![0].commit, date: new Date().toISOString(), versions: pairs.at(-1)![1].versions, machine: pairs.at(-1)![0].machine,
  };
  const n = (s: typeof speed): string => `${s.median.toFixed(2)} (${s.least.toFixed(2)} to ${s.most.toFixed(2)})`;
  process.stdout.write(`${row.id.padEnd(12)} ${model.padEnd(8)} ${what.padEnd(38)} ${n(speed).padEnd(22)} times as fast${target === undefined ? '' : speed.median >= target ? `, meets ${target}` : `, MISSES ${target}`}; memory ${n(memory)}; losses within ${line.largest_loss_difference === null ? 'other batches' : line.largest_loss_difference.toExponential(1)}\n`);
  if (words.includes('--record')) appendFileSync(results, `${JSON.stringify(line)}\n`);
}
