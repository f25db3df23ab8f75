/**
 * `npm run bench -- profile`: where the time of a training step and of a decoded token goes, by part of the model, with the rate of its products. Each case in a process of its own.
 * PROFILE="sft-lora:fp32 decode:int4" narrows it. WORK names a folder of bench/peer/run.sh (its model and rows are taken); without one they are made.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Figure } from './figure.ts';
import type { DecodeProfile } from './profile-decode.ts';
import type { Part, Profile } from './profile-parts.ts';
import type { StepProfile } from './profile-step.ts';

const CASES = ['sft-lora:fp32', 'sft-lora:int8', 'sft-full:fp32', 'dpo-lora:fp32', 'dpo-lora:int8', 'reward-lora:fp32', 'reward-lora:int8', 'decode:fp32', 'decode:int8', 'decode:int4'] as const;
const STEPS = '5';

export const profile: Benchmark = {
  id: 'profile',
  run: (say) => {
    const wanted = process.env['PROFILE']?.split(/\s+/) ?? CASES, given = process.env['WORK'];
    const folder = given ?? mkdtempSync(join(tmpdir(), 'bench-profile-'));
    const child = (file: string, ...words: string[]): string => execFileSync(process.execPath, ['--no-warnings', join(import.meta.dirname, file), ...words], { encoding: 'utf8', maxBuffer: 1 << 26 });
    try {
      if (!existsSync(join(folder, 'models/135m'))) {
        say('writing random weights of the 135M shape');
        child('peer/train-prepare.ts', folder);
      }
      const figures: Figure[] = [];
      for (const one of CASES.filter((c) => wanted.includes(c))) {
        const [row, compute] = one.split(':') as [string, string];
        say(`${row}, ${compute}`);
        const found = row === 'decode' ? decodeFigures(JSON.parse(child('profile-decode.ts', join(folder, 'models/135m'), compute)) as DecodeProfile) : stepFigures(JSON.parse(child('profile-step.ts', folder, row, compute, STEPS)) as StepProfile);
        figures.push(...found.figures);
        say(found.table);
      }
      return Promise.resolve(figures);
    } finally {
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    }
  },
};

function stepFigures(p: StepProfile): { figures: Figure[]; table: string } {
  const name = `${p.row} ${p.compute}`;
  const gflop = p.profile.parts.reduce((n, x) => n + x.gflop, 0) * p.runs;
  const figures: Figure[] = [
    { name: `${name}: step`, value: p.stepMs, unit: 'ms', detail: { slots: p.slots, tokens: p.tokens, runs: p.runs, nodes: p.nodes, gflop, trained: p.trained, profiled_run_ms: p.profile.runMs, ...parts(p.profile), ...kernels(p.profile) } },
    { name: `${name}: inside onnxruntime`, value: p.runMs, unit: 'ms' },
    { name: `${name}: gradient norm and AdamW`, value: p.updateMs, unit: 'ms' },
    { name: `${name}: rows, feeds, outputs`, value: p.outsideMs, unit: 'ms' },
    { name: `${name}: rate of the whole step`, value: gflop / (p.stepMs / 1000), unit: 'GFLOP/s' },
    { name: `${name}: MatMul peak of the process`, value: p.peakGflops, unit: 'GFLOP/s' },
    { name: `${name}: 8-bit peak of the process`, value: p.peakInt8, unit: 'Gop/s' },
  ];
  return { figures, table: table(p.profile) };
}

function decodeFigures(p: DecodeProfile): { figures: Figure[]; table: string } {
  const name = `decode ${p.format}`;
  return {
    figures: [
      { name: `${name}: run`, value: p.runMs, unit: 'ms', detail: { nodes: p.nodes, cache: p.cache, profiled_run_ms: p.profile.runMs, ...parts(p.profile), ...kernels(p.profile) } },
      { name: `${name}: bytes of weights read a token`, value: p.weightBytes / 1e6, unit: 'MB', detail: { head_mb: p.headBytes / 1e6 } },
      { name: `${name}: weights read`, value: p.weightBytes / 1e6 / p.runMs, unit: 'GB/s' },
    ],
    table: table(p.profile),
  };
}

const both = (p: Part): string => `${p.part}${p.products ? ', products' : ''}, ${p.direction}`;
function parts(p: Profile): Record<string, number> {
  return Object.fromEntries(p.parts.flatMap((x) => [[`${both(x)}: ms`, round(x.ms)], ...(x.gflop > 0 ? [[`${both(x)}: GFLOP/s`, Math.round(x.gflop / (x.ms / 1000))] as const] : [])]));
}
const kernels = (p: Profile): Record<string, number> => Object.fromEntries(p.kernels.slice(0, 16).map((k) => [`kernel ${k.op}: ms`, round(k.ms)]));
const round = (x: number): number => Number(x.toPrecision(4));

function table({ parts: list, kernelMs, runMs }: Profile): string {
  const line = (x: Part): string => `  ${both(x).padEnd(44)} ${x.ms.toFixed(1).padStart(8)} ms ${((100 * x.ms) / kernelMs).toFixed(1).padStart(5)} % ${String(x.nodes).padStart(6)} nodes${x.gflop > 0 ? ` ${(x.gflop / (x.ms / 1000)).toFixed(0).padStart(6)} GFLOP/s` : ''}`;
  return [...list.map(line), `  kernels ${kernelMs.toFixed(1)} ms of a profiled run of ${runMs.toFixed(1)} ms`].join('\n');
}
