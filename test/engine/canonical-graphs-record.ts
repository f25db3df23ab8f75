/** Writes the counts of the canonical graphs as they are now, and prints what moved. Run by hand: the file is the bar that the test holds the graphs to. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANONICAL, countsOf, type Counts } from './canonical-graphs.ts';

const file = join(import.meta.dirname, 'canonical-graphs.json');
const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Counts>) : {};
const now: Record<string, Counts> = {};
for (const { id, make } of CANONICAL) {
  const started = performance.now();
  const counts = countsOf(make());
  now[id] = counts;
  const moved = (Object.keys(counts) as (keyof Counts)[]).map((name) => `${name} ${counts[name]}${before[id] === undefined || before[id][name] === counts[name] ? '' : ` (was ${before[id][name]})`}`);
  process.stdout.write(`${id}: ${moved.join(', ')} [${Math.round(performance.now() - started)} ms]\n`);
}
writeFileSync(file, `{\n${Object.entries(now).map(([id, counts]) => `  ${JSON.stringify(id)}: ${JSON.stringify(counts)}`).join(',\n')}\n}\n`);
