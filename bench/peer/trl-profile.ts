/**
 * Where a step of TRL's goes, by torch's own profiler: one line a side to bench/results/profile-trl.jsonl, beside what `npm run bench -- profile` says of ours.
 *   node bench/peer/trl-profile.ts <folder of run.sh> <python> [row=sft-lora] [side ...]
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ROWS, specOf, type Side } from './train-settings.ts';

interface TorchProfile {
  /** Without the profiler, and with it (which records shapes, and costs time of its own). */
  plain_step_ms: number[]; step_ms: number; self_ms: number;
  /** Self time by operator. `gflop` only of products. */
  ops: Record<string, { ms: number; calls: number; gflop: number }>;
  peak_gflops: Record<string, number>; capability: string; amx: boolean; avx512_bf16: boolean;
}

const STEPS = 3;
const [folder = '', python = '', rowId = 'sft-lora', ...given] = process.argv.slice(2);
const row = ROWS.find((r) => r.id === rowId);
if (row === undefined) throw new Error(`No row is called ${rowId}; there are ${ROWS.map((r) => r.id).join(', ')}.`);
for (const side of given.length > 0 ? (given as Side[]) : (['trl-bf16', 'trl-defaults'] as const)) {
  const file = join(folder, `profile-${process.pid}.json`), load = loadavg()[0]!;
  const spec = { ...specOf(row, '135m', side, folder), steps: STEPS };
  writeFileSync(file, JSON.stringify(spec));
  const output = execFileSync(python, [join(import.meta.dirname, 'trl_profile.py'), file], { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, OMP_NUM_THREADS: String(spec.threads), TOKENIZERS_PARALLELISM: 'false', HF_HUB_OFFLINE: '1', HF_DATASETS_CACHE: join(folder, 'hf') } });
  rmSync(file);
  rmSync(`${file}.out`, { recursive: true, force: true });
  const found = JSON.parse(output.trimEnd().split('\n').at(-1)!) as TorchProfile;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  appendFileSync(join(import.meta.dirname, '../results/profile-trl.jsonl'), `${JSON.stringify({ row: row.id, side, ...found, commit, date: new Date().toISOString(), machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: Number(load.toFixed(2)), threads: spec.threads } })}\n`);
  process.stdout.write(`${row.id} ${side}: steps ${found.plain_step_ms.map((ms) => Math.round(ms)).join(' ')} ms, profiled ${Math.round(found.step_ms)} ms; square products ${Object.entries(found.peak_gflops).map(([type, rate]) => `${type} ${Math.round(rate)}`).join(', ')} GFLOP/s\n`);
  for (const [op, { ms, calls, gflop }] of Object.entries(found.ops).slice(0, 20)) process.stdout.write(`  ${op.padEnd(56)} ${ms.toFixed(0).padStart(7)} ms ${((100 * ms) / found.self_ms).toFixed(1).padStart(5)} % ${String(calls).padStart(6)} calls${gflop > 1 ? ` ${(gflop / (ms / 1000)).toFixed(0).padStart(6)} GFLOP/s` : ''}\n`);
}
