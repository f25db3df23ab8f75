/**
 * `npm run bench [-- <id> ...]`: runs the short benchmarks, or the named ones (`all`: every one); prints each figure and keeps it under bench/results/. `--list` says what there is. bench/README.md has the table.
 * One that cannot run here (no window, no model given) says why, and the others go on.
 */
import { adapters } from './adapters.ts';
import { decode, decode8 } from './decode.ts';
import { decodeQuality } from './decode-quality.ts';
import { graphCache } from './graph-cache.ts';
import { int8 } from './int8.ts';
import { ipc } from './ipc.ts';
import { learning } from './learning.ts';
import { lora135 } from './lora-135m.ts';
import { plan } from './plan.ts';
import { profile } from './profile.ts';
import { startUp } from './start-up.ts';
import { meets, record, type Benchmark } from './figure.ts';

/** One line each; `long` ones run only when they are named. */
const BENCHMARKS: readonly { benchmark: Benchmark; what: string; long?: true }[] = [
  { benchmark: lora135, what: 'LoRA step of the 135M shape: time, share of the MatMul peak, memory' },
  { benchmark: graphCache, what: 'graph and session of that step: cold, and from the cache' },
  { benchmark: decode, what: 'decoding in one row, float32, int8, int4; beside peers with ANNEAL_PEER_PYTHON' },
  { benchmark: decode8, what: 'decoding in eight rows' },
  { benchmark: ipc, what: '10,000 metric events to the page; needs Electron, Chromium, a display' },
  { benchmark: startUp, what: 'npm start to a usable window, memory of an idle host; needs Electron, a display, the build' },
  { benchmark: int8, what: 'a step of the 135M shape in int8 beside fp32; preparing it', long: true },
  { benchmark: adapters, what: 'DoRA, PiSSA and 4-bit bases beside plain LoRA', long: true },
  { benchmark: plan, what: 'planned beside measured memory, 18 configurations', long: true },
  { benchmark: profile, what: 'where the time of a step and of a token goes', long: true },
  { benchmark: learning, what: 'every preference method learns, five seeds', long: true },
  { benchmark: decodeQuality, what: 'what 8 and 4 bit cost in answers; needs ANNEAL_BENCH_MODEL', long: true },
];

const given = process.argv.slice(2), list = given.includes('--list'), wanted = given.filter((id) => id !== '--list' && id !== 'all');
const unknown = wanted.filter((id) => !BENCHMARKS.some((b) => b.benchmark.id === id));
if (unknown.length > 0) {
  process.stderr.write(`No benchmark is called ${unknown.join(', ')}; there are ${BENCHMARKS.map((b) => b.benchmark.id).join(', ')}.\n`);
  process.exit(2);
}
if (list) {
  for (const { benchmark, what, long } of BENCHMARKS) process.stdout.write(`${benchmark.id.padEnd(16)} ${what}${long === true ? ' (only when named)' : ''}\n`);
  process.exit(0);
}
const failed: string[] = [];
for (const { benchmark } of BENCHMARKS.filter((b) => (wanted.length > 0 ? wanted.includes(b.benchmark.id) : b.long !== true || given.includes('all')))) {
  const begun = performance.now();
  try {
    const figures = await benchmark.run((text) => process.stderr.write(`${text}\n`));
    record(benchmark.id, figures);
    for (const f of figures) {
      const verdict = meets(f);
      const target = f.target === undefined ? '' : `  ${verdict === true ? 'meets' : 'MISSES'} ${f.target.at} ${f.target.value}`;
      process.stdout.write(`${f.name.padEnd(44)} ${f.value.toPrecision(4).padStart(9)} ${f.unit}${target}\n`);
    }
    process.stderr.write(`${benchmark.id}: ${((performance.now() - begun) / 60_000).toFixed(1)} minutes\n`);
  } catch (error) {
    failed.push(benchmark.id);
    process.stderr.write(`${benchmark.id} was not measured: ${(error instanceof Error ? error.message : String(error)).trim().split('\n').slice(0, 3).join(' ')}\n`);
  }
}
if (failed.length > 0) process.stdout.write(`Not measured: ${failed.join(', ')}.\n`);
// What was asked for by name and could not be measured is a failure.
process.exit(failed.some((id) => wanted.includes(id)) ? 1 : 0);
