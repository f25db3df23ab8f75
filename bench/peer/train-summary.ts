/**
 * The table beside TRL from the runs in bench/results/peer-train.jsonl: for every row and pairing the ratio of times, as median with least and most over the rounds; peak memory; the largest difference of losses; what misses its goal.
 *   node bench/peer/train-summary.ts [--since <date>] [--until <date>] [--commit <hash>] [--model <name>] [--markdown] [--record]
 * Without a filter it takes the last commit that was measured, so that rounds of changed code are not mixed. --markdown prints the README's table. --record keeps the ratios beside the runs.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ratios, readRuns, type Spread } from './train-compare.ts';
import { missed, tableOf } from './train-table.ts';

const results = process.env['ANNEAL_PEER_RESULTS'] ?? join(import.meta.dirname, '../results/peer-train.jsonl');
const text = { type: 'string' } as const, flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({ options: { since: text, until: text, commit: text, model: text, markdown: flag, record: flag } });
const { since, until, model: wanted, markdown, record } = values;
const last = readRuns(results, {}).toSorted((a, b) => a.date.localeCompare(b.date)).at(-1)?.commit;
const runs = readRuns(results, { since, until, commit: values.commit ?? (since === undefined && until === undefined ? last : undefined) });
if (runs.length === 0) { process.stderr.write('No run matches; bench/peer/run.sh makes some.\n'); process.exit(1); }

for (const model of new Set(runs.map((r) => r.model).filter((name) => wanted === undefined || name === wanted))) {
  const found = ratios(runs, model);
  if (found.length === 0) continue;
  if (markdown) process.stdout.write(`${model}, at ${[...new Set(found.flatMap((r) => r.commits))].join(', ')}, ${runs.map((r) => r.date).toSorted()[0]!.slice(0, 10)}:\n\n${tableOf(found)}\n\n`);
  else for (const r of found) {
    const n = (s: Spread): string => `${s.median.toFixed(2)} (${s.least.toFixed(2)} to ${s.most.toFixed(2)})`;
    process.stdout.write(`${r.row.padEnd(12)} ${model.padEnd(8)} ${r.what.padEnd(40)} ${n(r.times_faster).padEnd(22)} times as fast${r.target === null ? '' : r.meets === true ? `, meets ${r.target}` : `, MISSES ${r.target}`}; memory ${n(r.memory)}${r.memory_meets ? '' : ' MISSED'}; ${r.rounds} rounds; losses within ${r.largest_loss_difference === null ? 'other batches' : r.largest_loss_difference.toExponential(1)}\n`);
  }
  for (const what of missed(found)) process.stdout.write(`missed: ${what}\n`);
  if (record) for (const r of found) appendFileSync(results, `${JSON.stringify(r)}\n`);
}
