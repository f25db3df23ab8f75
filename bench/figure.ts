/** One measured figure: a JSON line in bench/results/, with the machine and its load, so that numbers can be judged later. */

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Figure { name: string; value: number; unit: string; /** What the project asks for. */ target?: { at: 'least' | 'most'; value: number }; detail?: Record<string, number | string | readonly number[]> }

/** A benchmark: returns its figures. Long ones say what they do through `say`. */
export interface Benchmark { id: string; run: (say: (text: string) => void) => Promise<Figure[]> }

export function meets(figure: Figure): boolean | null {
  if (figure.target === undefined) return null;
  return figure.target.at === 'least' ? figure.value >= figure.target.value : figure.value <= figure.target.value;
}

/** Appends the figures to bench/results/<benchmark>.jsonl. */
export function record(benchmark: string, figures: readonly Figure[]): void {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory_gb: Math.round(totalmem() / 1e9), load: Number(loadavg()[0]?.toFixed(2)), node: process.version };
  for (const figure of figures) appendFileSync(join(folder, `${benchmark}.jsonl`), `${JSON.stringify({ ...figure, meets: meets(figure), commit: commit(), date: new Date().toISOString(), machine })}\n`);
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
