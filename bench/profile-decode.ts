/**
 * Child process of `npm run bench -- profile`: the program that makes one token of the 135M shape against a cache of 96 keys, with nothing of the generator around it. Prints one JSON report.
 *   node bench/profile-decode.ts <model folder> <fp32|int8|int4>
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WEIGHT_FORMATS } from '../src/shared/schema/generate.ts';
import { decodeGraph } from '../src/main/engine/generate/decode-graph.ts';
import { quantiseGraph } from '../src/main/engine/generate/quantise-graph.ts';
import { QuantisedWeights } from '../src/main/engine/generate/quantised-weights.ts';
import { byteLength, elementCount, toTyped, type TypedArray } from '../src/main/engine/graph/dtype.ts';
import type { Value } from '../src/main/engine/graph/node.ts';
import { forDecoding } from '../src/main/engine/graph/passes/index.ts';
import { openModelFolder } from '../src/main/engine/io/model-folder.ts';
import { parseModel } from '../src/main/engine/models/index.ts';
import { checkParameters } from '../src/main/engine/models/parameters.ts';
import { compile } from '../src/main/engine/runtime/session.ts';
import { readProfile, type Profile } from './profile-parts.ts';

export interface DecodeProfile { format: string; cache: number; runMs: number; nodes: number; weightBytes: number; headBytes: number; profile: Profile }

const THREADS = 2;
const CACHE = 96;
const RUNS = 60;

async function main(folder: string, asked: string): Promise<DecodeProfile> {
  const format = WEIGHT_FORMATS.find((f) => f === asked) ?? 'fp32';
  const { config, tensors } = openModelFolder(folder);
  const model = parseModel(config);
  const source = { model, weights: checkParameters(model, tensors) };
  const quantised = new QuantisedWeights(source.weights);
  const work = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  try {
    const head = model.family.headWeight(model.config);
    const graph = forDecoding(quantiseGraph(decodeGraph(source, 1, CACHE, format === 'fp32' ? 'grouped' : 'packed'), format, quantised, head));
    const feeds: Record<string, TypedArray> = {};
    for (const v of graph.inputs) feeds[v.name!] = toTyped(v.dtype, Array.from({ length: elementCount(v.shape) }, () => (/position|length|past/.test(v.name!) ? CACHE - 2 : 0)));
    const options = { threads: THREADS, spin: true, prepack: true };
    const program = await compile(graph, options);
    // What generation fetches: the token, and the new keys and values.
    const outputs = program.outputNames.filter((name) => name !== 'logits');
    const times: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const begun = performance.now();
      await program.run(feeds, outputs);
      times.push(performance.now() - begun);
    }
    await program.dispose();
    const prefix = join(work, 'profile');
    const profiled = await compile(graph, { ...options, profile: prefix });
    for (let i = 0; i < 20; i++) await profiled.run(feeds, outputs);
    await profiled.dispose();
    const { hiddenSize, intermediateSize, vocabSize } = model.config;
    // Only what products read whole: the embedding's rows are gathered.
    const read = new Set(graph.nodes.filter((n) => /^(matmul|gemm)/.test(n.op.name)).flatMap((n) => n.inputs).filter((v) => v.source?.kind === 'weight'));
    const bytes = (values: Iterable<Value>): number => [...values].reduce((n, w) => n + byteLength(w), 0);
    return {
      format, cache: CACHE, runMs: times.slice(10).toSorted((a, b) => a - b)[(RUNS - 10) >> 1]!, nodes: graph.nodes.length, weightBytes: bytes(read), headBytes: bytes([...read].filter((w) => w.name!.startsWith(head))),
      profile: readProfile(prefix, graph, { hidden: hiddenSize, intermediate: intermediateSize, vocabulary: vocabSize, thin: 0 }),
    };
  } finally {
    quantised.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}

const [folder, format = 'fp32'] = process.argv.slice(2);
if (folder !== undefined) process.stdout.write(`${JSON.stringify(await main(folder, format))}\n`);
