/**
 * One round of a row: every side once, in a process of its own, in an order that turns with the round, and a JSON line for each in bench/results/peer-train.jsonl.
 *   node bench/peer/train-round.ts <folder> <python> <row> <model> <round> [side ...]
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROWS, sidesOf, specOf, type Side } from './train-settings.ts';
import type { RunReport } from './train-spec.ts';

export interface RoundLine extends RunReport { kind: 'run'; row: string; model: string; side: Side; round: string; commit: string; date: string; machine: Record<string, string | number> }

const [folder = '', python = '', rowId, model = '135m', round = '0', ...given] = process.argv.slice(2);
const row = ROWS.find((r) => r.id === rowId);
if (row === undefined) throw new Error(`No row is called ${String(rowId)}; there are ${ROWS.map((r) => r.id).join(', ')}.`);
const sides = given.length > 0 ? (given as Side[]) : sidesOf(row);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const results = process.env['ANNEAL_PEER_RESULTS'] ?? join(import.meta.dirname, '../results/peer-train.jsonl');
const turn = Number(round.replaceAll(/\D/g, '')) || 0;
for (let i = 0; i < sides.length; i++) {
  const side = sides[(i + turn) % sides.length]!;
  const file = join(folder, `spec-${process.pid}.json`);
  const asked = specOf(row, model, side, folder), spec = { ...asked, steps: asked.steps + Number(process.env['STEPS'] ?? 0) };
  writeFileSync(file, JSON.stringify(spec));
  const load = loadavg()[0]!;
  const [command, words] = side.startsWith('anneal') ? [process.execPath, ['--no-warnings', join(import.meta.dirname, 'train-ours.ts'), file]] : [python, [join(import.meta.dirname, 'trl_train.py'), file]];
  const output = execFileSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, OMP_NUM_THREADS: String(spec.threads), TOKENIZERS_PARALLELISM: 'false', HF_HUB_OFFLINE: '1', HF_DATASETS_CACHE: join(folder, 'hf') } });
  const report = JSON.parse(output.trimEnd().split('\n').at(-1)!) as RunReport;
  const line: RoundLine = { kind: 'run', row: row.id, model, side, round, ...report, commit, date: new Date().toISOString(), machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory_gb: Math.round(totalmem() / 1e9), load: Number(load.toFixed(2)), threads: spec.threads } };
  appendFileSync(results, `${JSON.stringify(line)}\n`);
  rmSync(file);
  rmSync(`${file}.out`, { recursive: true, force: true });
  process.stderr.write(`${row.id} ${model} ${side}: steps ${report.step_ms.map((ms) => Math.round(ms)).join(' ')} ms, ${report.tokens.join(' ')} tokens, peak ${(report.peak_rss / 1e9).toFixed(2)} GB, start ${report.start_seconds.toFixed(1)} s\n`);
}
