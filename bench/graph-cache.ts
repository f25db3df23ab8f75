/** From a spec to a session that can train: LoRA r=16 on all linear layers of the 135M shape, T=512. Cold (nothing kept yet; it is kept then), kept (from the cache), and what each part costs. Every measurement is a process of its own; medians. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initModel } from '../src/main/engine/train/init-model.ts';
import type { Benchmark, Figure } from './figure.ts';
import type { StartReport } from './graph-cache-child.ts';
import { SHAPE } from './lora-135m.ts';

const ROUNDS = 5;

export const graphCache: Benchmark = {
  id: 'graph-cache',
  run: (say) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-graph-cache-'));
    try {
      const model = join(folder, 'model');
      say('writing random weights of the 135M shape');
      initModel(SHAPE, model, 1);
      const measure = (kept: string, ...settings: string[]): StartReport => JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, 'graph-cache-child.ts'), model, join(folder, kept), ...settings], { encoding: 'utf8' })) as StartReport;
      measure('graphs');
      const kinds: [string, string[]][] = [['cold', []], ['kept', []], ['kept, with packed copies', ['prepack']]];
      const reports = kinds.map((): StartReport[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        say(`round ${round + 1} of ${ROUNDS}`);
        kinds.forEach(([, settings], i) => { reports[i]!.push(measure(i === 0 ? `cold-${round}` : 'graphs', ...settings)); });
      }
      const figures = kinds.flatMap(([name], i) => figuresOf(name, reports[i]!, name === 'cold' ? 3 : name === 'kept' ? 1 : undefined));
      return Promise.resolve(figures);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function figuresOf(name: string, reports: readonly StartReport[], target: number | undefined): Figure[] {
  const of = (pick: (r: StartReport) => number): number[] => reports.map(pick);
  const total = of((r) => r.graphMs + r.sessionMs);
  return [
    { name: `graph and session, ${name}`, value: median(total) / 1000, unit: 's', ...(target === undefined ? {} : { target: { at: 'most' as const, value: target } }), detail: { rounds_ms: total, user_ms: of((r) => r.userMs), system_ms: of((r) => r.systemMs) } },
    { name: `graph, ${name}`, value: median(of((r) => r.graphMs)) / 1000, unit: 's' },
    { name: `session, ${name}`, value: median(of((r) => r.sessionMs)) / 1000, unit: 's', detail: { onnx_nodes: reports[0]!.onnxNodes, of_it_in_onnxruntime_ms: of((r) => r.createMs) } },
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
