/** The executor: weight files in awkward places, errors that name what failed, and results that repeat bit for bit. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBrain, toHalf } from '../../src/main/engine/graph/dtype.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import type { DType } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { planExternalFiles } from '../../src/main/engine/runtime/external-files.ts';
import { coresAreFree } from '../../src/main/engine/runtime/free-cores.ts';
import { listProviders } from '../../src/main/engine/runtime/providers.ts';
import { compile, runtimeVersion } from '../../src/main/engine/runtime/session.ts';
import { stepGraph } from './runtime-step.ts';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'anneal-runtime-')); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** A file with 8 bytes of junk, then the numbers; as a safetensors file has its header first. */
function weightFile(path: string, data: ArrayBufferView): { path: string; offset: number; byteLength: number } {
  const bytes = Buffer.concat([Buffer.from('header..'), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
  writeFileSync(path, bytes);
  return { path, offset: 8, byteLength: data.byteLength };
}

async function sumOf(files: { path: string; offset: number; byteLength: number }[], dtype: DType = 'float32'): Promise<number[]> {
  const g = new Graph();
  const values = files.map((f, i) => o.asReal(g.weight(`w${i}`, [f.byteLength / (dtype === 'float32' ? 4 : 2)], dtype, { kind: 'file', ...f })));
  g.output('y', o.add(values.reduce((a, b) => o.add(a, b)), g.input('x', [])));
  const program = await compile(g, { threads: 1 });
  const y = (await program.run({ x: new Float32Array([0]) }))['y']!.data as Float32Array;
  await program.dispose();
  const oracle = interpret(g, { x: [0] })['y']!.data;
  y.forEach((v, i) => expect(v).toBeCloseTo(oracle[i]!, 5));
  return [...y];
}

describe('weights straight from files', () => {
  const data = new Float32Array([1, 2, 3]);

  test('one folder', async () => { expect(await sumOf([weightFile(join(folder, 'a.bin'), data)])).toEqual([1, 2, 3]); });

  test('several folders', async () => {
    mkdirSync(join(folder, 'x/y'), { recursive: true });
    mkdirSync(join(folder, 'z'));
    expect(await sumOf([weightFile(join(folder, 'x/y/a.bin'), data), weightFile(join(folder, 'z/b.bin'), data)])).toEqual([2, 4, 6]);
  });

  test('a path with `..` and spaces', async () => {
    mkdirSync(join(folder, 'with space'));
    const f = weightFile(join(folder, 'with space', 'ä b.bin'), data);
    expect(await sumOf([{ ...f, path: `${folder}/with space/../with space/ä b.bin` }])).toEqual([1, 2, 3]);
  });

  test('symlinks that leave their folder, as in a Hugging Face cache, and hard links', async () => {
    mkdirSync(join(folder, 'blobs'));
    mkdirSync(join(folder, 'snapshots/main'), { recursive: true });
    const f = weightFile(join(folder, 'blobs/0a1b'), data);
    symlinkSync('../../blobs/0a1b', join(folder, 'snapshots/main/model.safetensors'));
    linkSync(f.path, join(folder, 'snapshots/main/hard.safetensors'));
    expect(await sumOf([{ ...f, path: join(folder, 'snapshots/main/model.safetensors') }, { ...f, path: join(folder, 'snapshots/main/hard.safetensors') }])).toEqual([2, 4, 6]);
  });

  test('float16 and bfloat16', async () => {
    expect(await sumOf([weightFile(join(folder, 'h.bin'), Uint16Array.from([0.5, -2, 65504], toHalf))], 'float16')).toEqual([0.5, -2, 65504]);
    expect(await sumOf([weightFile(join(folder, 'b.bin'), Uint16Array.from([0.5, -2, 2 ** 100], toBrain))], 'bfloat16')).toEqual([0.5, -2, 2 ** 100]);
  });

  test('the folder of files without a common parent is the root', () => {
    const plan = planExternalFiles(['/proc/self/status', folder]);
    expect(plan.folder).toBe('/');
    expect(plan.location(folder)).toBe(folder.slice(1));
  });

  test('a missing file is named', async () => {
    await expect(sumOf([{ path: join(folder, 'gone.bin'), offset: 0, byteLength: 4 }])).rejects.toMatchObject({ code: 'file-not-found', message: expect.stringContaining('gone.bin') });
  });
});

describe('refusals', () => {
  test('a wrong feed says which input', async () => {
    const g = new Graph();
    g.output('y', o.neg(g.input('x', [2])));
    const program = await compile(g);
    await expect(program.run({})).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('"x"') });
    await expect(program.run({ x: new Float32Array(3) })).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(program.run({ x: new Float64Array(2) })).rejects.toMatchObject({ code: 'tensor-dtype' });
    await program.dispose();
  });

  test('an op without a kernel is named with its shapes and segment', async () => {
    const g = new Graph({ real: 'float64' });
    g.output('y', g.segment('layer.3', () => o.erf(g.input('x', [2, 5]))));
    await expect(compile(g)).rejects.toMatchObject({ code: 'runtime-failed', message: expect.stringMatching(/erf\(float64\[2, 5\]\) in layer\.3/) });
  });

  test('an id outside the table is named at run time', async () => {
    const g = new Graph();
    g.output('y', o.gather(g.input('t', [3, 2]), g.input('i', [1], 'int64')));
    const program = await compile(g);
    await expect(program.run({ t: new Float32Array(6), i: new BigInt64Array([7n]) })).rejects.toMatchObject({ code: 'runtime-failed', message: expect.stringContaining('gather') });
    await program.dispose();
  });
});

test('only the outputs asked for are returned', async () => {
  const g = new Graph();
  const x = g.input('x', [2]);
  g.output('a', o.neg(x));
  g.output('b', o.exp(x));
  const program = await compile(g);
  expect(Object.keys(await program.run({ x: new Float32Array(2) }, ['b']))).toEqual(['b']);
  await program.dispose();
});

test('providers: the CPU is always there, others say why not', () => {
  const all = listProviders();
  expect(all.find(p => p.id === 'cpu')).toMatchObject({ available: true });
  for (const p of all) if (!p.available) expect(p.reason.length).toBeGreaterThan(10);
  expect(runtimeVersion()).toMatch(/^1\.\d+\.\d+$/);
});

describe('determinism', () => {
  const hash = async (threads: number, runs: number): Promise<Set<string>> => {
    const { g, feeds } = stepGraph();
    const program = await compile(g, { threads });
    const seen = new Set<string>();
    for (let i = 0; i < runs; i++) {
      const h = createHash('sha256');
      for (const r of Object.values(await program.run(feeds))) h.update(Buffer.from(r.data.buffer, r.data.byteOffset, r.data.byteLength));
      seen.add(h.digest('hex'));
    }
    await program.dispose();
    return seen;
  };

  test('equal bits in every run, session and process', async () => {
    const [first, second] = [await hash(2, 15), await hash(2, 5)];
    expect(first.size).toBe(1);
    expect([...second]).toEqual([...first]);
    const other = execFileSync(process.execPath, [join(import.meta.dirname, 'runtime-hash.ts')], { encoding: 'utf8' }).trim();
    expect([other]).toEqual([...first]);
  });

  test('the gradient of the embedding is right where ids repeat', async () => {
    const { g, feeds } = stepGraph();
    const program = await compile(g, { threads: 2 });
    const got = (await program.run(feeds))['d0']!.data as Float32Array;
    await program.dispose();
    const want = interpret(g, feeds)['d0']!.data;
    const scale = Math.max(...want.map(Math.abs));
    got.forEach((x, i) => expect(Math.abs(x - want[i]!) / scale).toBeLessThan(1e-5));
  });
});

test('threads wait actively only where cores stand idle', () => {
  expect([coresAreFree(2, 0.2, 2), coresAreFree(2, 1, 2), coresAreFree(4, 3, 16), coresAreFree(4, 13, 16)]).toEqual([true, false, true, false]);
});
