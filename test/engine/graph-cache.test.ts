/** Graphs kept on disk: byte for byte what would be built, found again by runs that differ only in what no graph reads, never trusted when damaged or foreign, bounded in size. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { METHOD_IDS, METHODS } from '../../src/shared/methods/index.ts';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import type { Graph } from '../../src/main/engine/graph/node.ts';
import { print } from '../../src/main/engine/graph/print.ts';
import type { TensorEntry } from '../../src/main/engine/io/safetensors-header.ts';
import { writeOnnx } from '../../src/main/engine/onnx/write.ts';
import { readEntry, writeEntry, type Entry } from '../../src/main/engine/train/graph-cache/entry-file.ts';
import { graphFromText, graphText } from '../../src/main/engine/train/graph-cache/graph-text.ts';
import { NOT_IN_GRAPHS, specKey } from '../../src/main/engine/train/graph-cache/spec-key.ts';
import { trainRun, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { ProgramPool, type PoolOptions } from '../../src/main/engine/train/program-pool.ts';
import { buildStep, type StepSpec } from '../../src/main/engine/train/step-graph.ts';
import { poolOptions } from './canonical-graphs.ts';
import { VARIANTS } from './models/variants.ts';
import { tinyModel, tinyRows } from './tiny-model.ts';

const folders: string[] = [];
const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'graph-cache-'));
  folders.push(folder);
  return folder;
};
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

const shape = { rows: 2, length: 16, losses: 16, examples: 2 };
const TINY = VARIANTS['llama']!;
const same = (a: Graph, b: Graph): void => {
  expect(print(a)).toBe(print(b));
  expect(Buffer.from(writeOnnx(a).bytes).equals(Buffer.from(writeOnnx(b).bytes))).toBe(true);
};

describe('a graph as text', () => {
  test.each(Object.entries(VARIANTS))('%s: comes back byte for byte', (_name, model) => {
    for (const lora of [{}, { use_dora: true, lora_dropout: 0.1 }, null]) {
      const graph = new ProgramPool({ ...poolOptions({ model, method: 'sft', lora, shape }), recompute: lora === null }).graph('train', shape);
      same(graphFromText(graphText(graph)!), graph);
    }
  });
  test.each(METHOD_IDS)('%s: training, evaluation and reference', (method) => {
    for (const kind of ['train', 'evaluate'] as const) {
      const graph = new ProgramPool(poolOptions({ model: TINY, method, shape })).graph(kind, shape);
      same(graphFromText(graphText(graph)!), graph);
    }
  });
});

describe('keys', () => {
  const keyOf = (o: PoolOptions, more: Partial<StepSpec> = {}, how = {}): string | null => specKey({ ...o.spec, shape, kind: 'train', ...more }, how);
  const options = (train: Record<string, unknown> = {}, lora: Record<string, unknown> | null = {}, model = TINY): PoolOptions => poolOptions({ model, method: 'dpo', lora, train, shape });

  test('no graph reads what the key leaves out', () => {
    for (const method of METHOD_IDS) {
      const { spec } = poolOptions({ model: TINY, method, shape });
      const guarded = new Proxy(spec.config, { get(target, name) {
        if (NOT_IN_GRAPHS.includes(String(name))) throw new Error(`a graph of ${method} reads ${String(name)}`);
        return Reflect.get(target, name) as unknown;
      } });
      for (const kind of ['train', 'evaluate', 'reference', 'score'] as const) {
        if ((kind === 'score') !== (spec.method.head === 'score') && (kind === 'score' || kind === 'reference')) continue;
        expect(buildStep({ ...spec, config: guarded, shape, kind }).nodes.length).toBeGreaterThan(0);
      }
      expect(NOT_IN_GRAPHS.filter((name) => !(name in METHODS[method].train.shape)).filter((name) => METHOD_IDS.every((m) => !(name in METHODS[m].train.shape)))).toEqual([]);
    }
  });

  test('runs that differ in rate, seed or length share a graph', () => {
    expect(keyOf(options({ learning_rate: 1, seed: 7, max_steps: 3, packing: false }))).toBe(keyOf(options()));
  });

  test.each<[string, () => string | null]>([
    ['beta', () => keyOf(options({ beta: 0.3 }))], ['loss', () => keyOf(options({ loss_type: ['ipo'] }))], ['rank', () => keyOf(options({}, { r: 8 }))], ['targets', () => keyOf(options({}, { target_modules: ['q_proj'] }))],
    ['alpha', () => keyOf(options({}, { lora_alpha: 1 }))], ['dropout', () => keyOf(options({}, { lora_dropout: 0.1 }))], ['full training', () => keyOf(options({}, null))], ['family', () => keyOf(options({}, {}, VARIANTS['qwen3']!))],
    ['a constant of the model', () => keyOf(options({}, {}, { ...TINY, rms_norm_eps: 1e-5 }))], ['shape', () => keyOf(options(), { shape: { ...shape, losses: 17 } })], ['kind', () => keyOf(options(), { kind: 'evaluate' })], ['recomputation', () => keyOf(options(), {}, { recompute: true })],
    ['chunks', () => keyOf(options(), { chunks: { attention: 64, head: 64 } })], ['place of the weights', () => keyOf(moved(options()))],
  ])('%s makes another', (_what, key) => { expect(key()).not.toBe(keyOf(options())); });

  test('what holds values in memory is not kept', () => {
    expect(keyOf(options(), { fourBit: new Map() })).toBeNull();
    expect(keyOf(options(), { int8: { layers: new Map(), values: new Map() } })).toBeNull();
    expect(keyOf(options({}, { init_lora_weights: 'pissa', r: 4 }))).toBeNull();
  });
});

function moved(o: PoolOptions): PoolOptions {
  return { ...o, spec: { ...o.spec, weights: new Map([...o.spec.weights].map(([name, entry]) => [name, { ...entry, offset: entry.offset + 64 }])) } };
}

/** Weights that count how often a graph that is being built asks for them. */
class Counted extends Map<string, TensorEntry> {
  asked = 0;
  override get(name: string): TensorEntry | undefined { this.asked++; return super.get(name); }
}

describe('runs', () => {
  const model = tinyModel();
  folders.push(model);
  const options = (graphCache?: string, train: Record<string, unknown> = {}): TrainOptions => ({
    method: 'sft', config: sftTrain.parse({ learning_rate: 1e-2, max_steps: 4, per_device_train_batch_size: 2, eval_steps: 2, save_steps: 0, ...train }), adapter: loraAdapter.parse({ r: 4 }), modelFolder: model, start: null,
    rows: tinyRows(6), evalRows: tinyRows(3, 8), runFolder: fresh(), resume: null, threads: 1, recipeHash: 'r', ...(graphCache === undefined ? {} : { graphCache }),
  });
  const weights = async (o: TrainOptions): Promise<Buffer> => readFileSync(join((await trainRun(o, () => undefined)).checkpoint!, 'adapter_model.safetensors'));
  const cache = fresh();

  test('a run from kept graphs equals one without, bit for bit; a damaged file is built again', async () => {
    const plain = await weights(options());
    expect((await weights(options(cache))).equals(plain)).toBe(true);
    const kept = readdirSync(cache).sort();
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect((await weights(options(cache))).equals(plain)).toBe(true);
    expect(readdirSync(cache).sort()).toEqual(kept);
    for (const name of kept) {
      const bytes = readFileSync(join(cache, name));
      bytes[bytes.length - 100]! ^= 1;
      writeFileSync(join(cache, name), bytes);
    }
    expect((await weights(options(cache))).equals(plain)).toBe(true);
    expect(readdirSync(cache).sort()).toEqual(kept);
    expect(kept.every((name) => readEntry(cache, name.replace('.graph', '')) !== null)).toBe(true);
  });

  test('a second pool builds nothing, another learning rate included; a foreign file is not believed', async () => {
    const folder = fresh();
    const made = async (train: Record<string, unknown>): Promise<{ asked: number; bytes: number }> => {
      const o = poolOptions({ model: TINY, method: 'sft', shape, train });
      // Real weights: the session reads them.
      const { readModelWeights } = await import('../../src/main/engine/io/model-weights.ts');
      const counted = new Counted([...readModelWeights(model)].filter(([name]) => o.spec.weights.has(name)));
      const pool = new ProgramPool({ ...o, spec: { ...o.spec, weights: counted }, cacheFolder: folder });
      const cost = pool.cost('train', shape);
      const program = await pool.get('train', shape);
      await pool.dispose();
      return { asked: counted.asked, bytes: program.onnxBytes + cost.nodes };
    };
    const first = await made({});
    expect(first.asked).toBeGreaterThan(0);
    expect(await made({ learning_rate: 5e-5, seed: 3 })).toEqual({ asked: 0, bytes: first.bytes });
    // Another key's file under this name.
    const [name] = readdirSync(folder);
    const key = name!.replace('.graph', '');
    writeEntry(folder, 'f'.repeat(64), readEntry(folder, key)!);
    writeFileSync(join(folder, name!), readFileSync(join(folder, `${'f'.repeat(64)}.graph`)));
    expect((await made({})).asked).toBe(first.asked);
  });
});

describe('files', () => {
  const entry: Entry = { graph: '{"é":1}', onnx: Uint8Array.of(1, 2, 3), nodeCount: 4, locations: [['/a', 'a']], cost: { peak: 1 } };
  test('what is written is read', () => {
    const folder = fresh();
    writeEntry(folder, 'k', entry);
    const read = readEntry(folder, 'k')!;
    expect({ ...read, onnx: [...read.onnx] }).toEqual({ ...entry, onnx: [1, 2, 3] });
    expect(readEntry(folder, 'other')).toBeNull();
  });
  test.each<[string, (b: Buffer) => Buffer]>([['cut off', (b) => b.subarray(0, b.length - 1)], ['empty', () => Buffer.alloc(0)], ['of another form', (b) => Buffer.concat([Buffer.from('anneal-graph-0\n'), b.subarray(15)])], ['with a byte changed', (b) => { b[60]! ^= 4; return b; }]])('a file %s is as good as none, and removed', (_what, damage) => {
    const folder = fresh(), path = join(folder, 'k.graph');
    writeEntry(folder, 'k', entry);
    writeFileSync(path, damage(readFileSync(path)));
    expect(readEntry(folder, 'k')).toBeNull();
    expect(existsSync(path)).toBe(false);
  });
  test('the least recently used go when the folder is full; unfinished files of the dead too', () => {
    const folder = fresh();
    for (const [i, key] of ['a', 'b', 'c'].entries()) {
      writeEntry(folder, key, entry);
      utimesSync(join(folder, `${key}.graph`), 1000 + i, 1000 + i);
    }
    expect(readEntry(folder, 'a')).not.toBeNull();
    writeFileSync(join(folder, 'x.graph-1.part'), 'x');
    utimesSync(join(folder, 'x.graph-1.part'), 1, 1);
    writeEntry(folder, 'd', entry, 3 * statSync(join(folder, 'a.graph')).size);
    expect(readdirSync(folder).sort()).toEqual(['a.graph', 'c.graph', 'd.graph']);
  });
  test('a folder that cannot be made costs nothing', () => {
    const file = join(fresh(), 'file');
    writeFileSync(file, '');
    writeEntry(join(file, 'below'), 'k', entry);
    expect(readEntry(join(file, 'below'), 'k')).toBeNull();
  });
});
