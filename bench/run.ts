/** `npm run bench [-- <id> ...]`: runs all benchmarks, or the named ones; prints each figure and keeps it under bench/results/. */

import { adapters } from './adapters.ts';
import { decode, decode8 } from './decode.ts';
import { decodeQuality } from './decode-quality.ts';
import { graphCache } from './graph-cache.ts';
import { ipc } from './ipc.ts';
import { learning } from './learning.ts';
import { lora135 } from './lora-135m.ts';
import { plan } from './plan.ts';
import { profile } from './profile.ts';
import { startUp } from './start-up.ts';
import { meets, record, type Benchmark } from './figure.ts';

/** One line each. */
const BENCHMARKS: readonly Benchmark[] = [lora135, graphCache, adapters, decode, decode8, decodeQuality, ipc, learning, plan, profile, startUp];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !BENCHMARKS.some((b) => b.id === id));
if (unknown.length > 0) {
  process.stderr.write(`No benchmark is called ${unknown.join(', ')}; there are ${BENCHMARKS.map((b) => b.id).join(', ')}.\n`);
  process.exit(2);
}
for (const benchmark of BENCHMARKS.filter((b) => wanted.length === 0 || wanted.includes(b.id))) {
  const figures = await benchmark.run((text) => process.stderr.write(`${text}\n`));
  record(benchmark.id, figures);
  for (const f of figures) {
    const verdict = meets(f);
    const target = f.target === undefined ? '' : `  ${verdict === true ? 'meets' : 'MISSES'} ${f.target.at} ${f.target.value}`;
    process.stdout.write(`${f.name.padEnd(44)} ${f.value.toPrecision(4).padStart(9)} ${f.unit}${target}\n`);
  }
}
