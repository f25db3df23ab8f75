/** Runs in a process of its own: training whose optimiser lies on a WebGPU device, beside the processor's. Prints JSON lines. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS } from '../../src/shared/methods/index.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { byteLength } from '../../src/main/engine/graph/dtype.ts';
import { Graph, type TypedArray } from '../../src/main/engine/graph/node.ts';
import { mul, reduceSum } from '../../src/main/engine/graph/ops/index.ts';
import { normGraph, sumGraph, updateGraph } from '../../src/main/engine/optim/update-graph.ts';
import { offDevice, recordPlacement } from '../../src/main/engine/runtime/placement.ts';
import { compile, type CompileOptions } from '../../src/main/engine/runtime/session.ts';
import { trainRun, type TrainControl, type TrainOptions, type TrainOutcome } from '../../src/main/engine/train/index.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { HostOptimiser, settleOptimiser, type Optimiser } from '../../src/main/engine/train/optimiser/index.ts';
import { adamwOptions } from '../../src/main/engine/train/optimiser/optimiser.ts';
import { DeviceOptimiser } from '../../src/main/engine/train/optimiser/on-device.ts';
import { createRunState, type RunState } from '../../src/main/engine/train/run-state.ts';
import { prepareRun, warmUp, type RunSetup } from '../../src/main/engine/train/setup.ts';
import { gradientName, inputName, type Trainables } from '../../src/main/engine/train/trainables.ts';
import { trainStep } from '../../src/main/engine/train/train-step.ts';
import { tinyModel, tinyRows } from '../engine/tiny-model.ts';

const say = (record: object): void => { process.stdout.write(`${JSON.stringify(record)}\n`); };
const folders: string[] = [];
const model = tinyModel();
folders.push(model);

type Device = 'cpu' | 'webgpu';
interface Case { method?: 'sft' | 'dpo'; adapter: TrainOptions['adapter']; train?: Record<string, unknown>; eval?: boolean }
const CASES: Record<string, Case> = {
  'LoRA, accumulated, clipped, decayed': { adapter: loraAdapter.parse({ r: 4 }), train: { gradient_accumulation_steps: 2, max_grad_norm: 0.5, weight_decay: 0.1 } },
  'all weights': { adapter: null, train: { weight_decay: 0.1 } },
  'DPO on a DoRA adapter, not clipped': { method: 'dpo', adapter: loraAdapter.parse({ r: 4, use_dora: true, init_lora_weights: false }), train: { max_grad_norm: 0, learning_rate: 1e-3 } },
};

function optionsOf({ method = 'sft', adapter, train = {}, eval: evaluates = true }: Case, device: Device, more: Partial<TrainOptions> = {}): TrainOptions {
  const runFolder = mkdtempSync(join(tmpdir(), 'gpu-resident-'));
  folders.push(runFolder);
  const config = METHODS[method].train.parse({ learning_rate: 1e-2, max_steps: 4, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0, ...train });
  const rows = tinyRows(16);
  const given = method === 'sft' ? rows : rows.map((r, source) => ({ completions: [{ ids: Array.from(r.ids), prompt: 2 }, { ids: [...Array.from(r.ids).slice(0, 3), 5, 6], prompt: 2 }], columns: {}, truncated: false, source }));
  return { method, config, adapter, modelFolder: model, start: null, rows: given, evalRows: evaluates ? given.slice(0, 3) as TrainOptions['rows'] : [], runFolder, resume: null, threads: 1, recipeHash: 'r', device, ...more };
}

interface Seen { values: number[]; logs: string[]; outcome: TrainOutcome }
async function train(options: TrainOptions, control: TrainControl = {}, haltAt = 0): Promise<Seen> {
  const values: number[] = [], logs: string[] = [];
  const outcome = await trainRun(options, (e) => {
    if (e.type === 'metric') values.push(...Object.entries(e.values).filter(([k]) => k === 'loss' || k === 'grad_norm' || k.startsWith('eval_') || k.startsWith('rewards/')).map(([, v]) => v));
    if (e.type === 'metric' && e.step === haltAt) control.halt = 'pause';
    if (e.type === 'log') logs.push(e.text);
  }, control);
  return { values, logs, outcome };
}

async function placed(name: string, graph: Graph, feeds: Record<string, TypedArray>, keep: CompileOptions['keep']): Promise<void> {
  const recorder = recordPlacement();
  const program = await compile(graph, { provider: 'webgpu', threads: 1, optimization: 'disabled', profile: recorder.profile, ...(keep === undefined ? {} : { keep }) });
  const { kept } = await program.runKeeping(feeds);
  for (const tensor of Object.values(kept)) tensor.release();
  await program.dispose();
  const nodes = recorder.read();
  say({ placement: name, nodes: nodes.length, off: offDevice(nodes).map((n) => `${n.op} ${n.name}`) });
}
const ones = (graph: Graph): Record<string, TypedArray> => Object.fromEntries(graph.inputs.map((v) => [v.name!, v.dtype === 'int32' ? new Int32Array(byteLength(v) / 4).fill(1) : new Float32Array(byteLength(v) / 4).fill(0.5)]));

async function resident(options: TrainOptions): Promise<RunSetup> {
  const setup = prepareRun(options, loadModel(options));
  await settleOptimiser(setup);
  await warmUp(setup);
  return setup;
}
async function close(setup: RunSetup): Promise<void> {
  await setup.optimiser.dispose();
  await setup.pool.dispose();
}

/** Bytes of the second step of a run: the first may compile. */
async function traffic(rank: number, optimiser?: 'host'): Promise<void> {
  const setup = await resident(optionsOf({ adapter: loraAdapter.parse({ r: rank }), train: { gradient_accumulation_steps: 2, weight_decay: 0.1 }, eval: false }, 'webgpu', optimiser === undefined ? {} : { optimiser }));
  await trainStep(setup);
  const { traffic: counted } = setup.pool;
  Object.assign(counted, { toDevice: 0, fromDevice: 0 });
  await trainStep(setup);
  const graph = setup.pool.graph('train', { rows: setup.batchRows, ...setup.buckets.at(-1)! });
  const groups = setup.loaded.trainables.groups;
  const bytes = (values: Iterable<{ name: string; bytes: number }>, skip: (name: string) => boolean): number => [...values].reduce((n, v) => (skip(v.name) ? n : n + v.bytes), 0);
  say({
    traffic: rank, place: setup.optimiser.place, ...counted, trained: setup.loaded.trainables.length, groups: groups.length, runs: 2,
    batch: bytes(graph.inputs.map((v) => ({ name: v.name!, bytes: byteLength(v) })), (name) => name.startsWith('trainable:')),
    told: bytes([...graph.outputs].map(([name, v]) => ({ name, bytes: byteLength(v) })), (name) => name.startsWith('gradient:')),
  });
  await close(setup);
}

/** A model of two vectors: the gradient of each is its values, times `loss_scale`. What it needs of trainables is their groups. */
async function toy(device: Device): Promise<{ state: RunState; optimiser: Optimiser; step: (scale: number) => Promise<number>; close: () => Promise<void> }> {
  const lengths = [1500, 40], groups = lengths.map((length, i) => { const offset = i === 0 ? 0 : 1500; return { name: `g${i}`, offset, length, ranges: [{ name: `g${i}`, shape: [length], offset, length, decay: i === 0 }] }; });
  const trainables: Trainables = { kind: 'full', ranges: groups.flatMap((g) => g.ranges), groups, length: 1540 };
  const config = METHODS.sft.train.parse({ weight_decay: 0.1 });
  const state = createRunState(Float32Array.from({ length: 1540 }, (_, i) => 3 * Math.sin(i)));
  const graph = new Graph(), scale = graph.input('loss_scale', []);
  let loss;
  for (const g of groups) {
    const x = graph.input(inputName(g), [g.length]);
    loss = loss === undefined ? reduceSum(x, [0], false) : mul(loss, reduceSum(x, [0], false));
    graph.output(gradientName(g), mul(x, scale));
  }
  graph.output('loss', loss!);
  const options = { provider: device, threads: 1 } as const;
  const optimiser = device === 'cpu' ? new HostOptimiser(state, trainables, config, 1) : await DeviceOptimiser.open({ state, trainables, config, compile: options });
  const program = await compile(graph, { ...options, ...(device === 'cpu' ? {} : { keep: groups.map(gradientName) }) });
  return {
    state, optimiser,
    step: async (s) => { await optimiser.gather(program, { loss_scale: Float32Array.of(s) }, true); return optimiser.norm(1 / s); },
    close: async () => { await optimiser.dispose(); await program.dispose(); },
  };
}

async function scaled(device: Device): Promise<object> {
  const { state, optimiser, step, close: end } = await toy(device);
  const before = Array.from(state.adam.values), overflowed = await step(2 ** 127 * 1.9);
  await optimiser.fetch('all');
  const untouched = state.adam.step === 0 && before.every((x, i) => x === state.adam.values[i]) && state.adam.m.every((x) => x === 0) && state.adam.v.every((x) => x === 0);
  const norm = await step(2 ** 16);
  await optimiser.update({ clip: 0.5, learningRate: 0.01 });
  const first = await read(optimiser, state);
  state.previous = { ...state.previous!, step: 0 };
  await step(1);
  await optimiser.update({ clip: 1, learningRate: 0.01 });
  const second = await read(optimiser, state);
  state.previous = { ...state.previous, step: 1 };
  const rolled = await optimiser.rollBack();
  const back = await read(optimiser, state), again = await optimiser.rollBack(), steps = state.adam.step;
  await end();
  return { overflowed: !Number.isFinite(overflowed), untouched, norm, first, second, rolled, back, again, steps };
}
async function read(optimiser: Optimiser, state: RunState): Promise<number[]> {
  await optimiser.fetch('all');
  return [state.adam.values, state.adam.m, state.adam.v].flatMap((x) => Array.from(x).filter((_, i) => i % 77 === 0));
}

try {
  for (const [name, c] of Object.entries(CASES)) {
    const [cpu, webgpu] = [await train(optionsOf(c, 'cpu')), await train(optionsOf(c, 'webgpu'))];
    say({ training: name, cpu: cpu.values, webgpu: webgpu.values, logs: webgpu.logs.filter((t) => t.includes('on the device')).length });
  }
  {
    const whole = await train(optionsOf(CASES['LoRA, accumulated, clipped, decayed']!, 'webgpu')), options = optionsOf(CASES['LoRA, accumulated, clipped, decayed']!, 'webgpu');
    const part = await train(options, {}, 2), rest = await train({ ...options, resume: part.outcome.checkpoint });
    say({ resumed: true, outcome: part.outcome.outcome, step: part.outcome.step, whole: whole.values, parts: [...part.values, ...rest.values] });
  }
  {
    const explode = { adapter: loraAdapter.parse({ r: 4 }), train: { max_grad_norm: 0, max_steps: 60, save_steps: 1, weight_decay: 10, lr_scheduler_type: 'constant', adam_epsilon: 1e-30, learning_rate: 10 }, eval: false };
    const [cpu, webgpu] = [await train(optionsOf(explode, 'cpu')), await train(optionsOf(explode, 'webgpu'))];
    say({ explodes: true, cpu: { ...cpu.outcome, checkpoint: null, error: cpu.outcome.error?.code }, webgpu: { ...webgpu.outcome, checkpoint: webgpu.outcome.checkpoint !== null, error: webgpu.outcome.error?.code, message: webgpu.outcome.error?.message } });
  }
  say({ scaled: true, cpu: await scaled('cpu'), webgpu: await scaled('webgpu') });
  for (const rank of [2, 8]) await traffic(rank);
  {
    // A device that gives back other values than it was sent: NaN equals nothing.
    const options = optionsOf(CASES['all weights']!, 'webgpu'), refused = prepareRun(options, loadModel(options)), { trainables } = refused.loaded;
    const least = trainables.groups.reduce((a, g) => (g.length < a.length ? g : a)), sent = refused.state.adam.values[least.offset]!;
    refused.state.adam.values[least.offset] = NaN;
    const note = await settleOptimiser(refused);
    refused.state.adam.values[least.offset] = sent;
    await warmUp(refused);
    const { finite, loss } = await trainStep(refused);
    say({ refused: true, note, place: refused.optimiser.place, finite, loss });
    await close(refused);
  }
  await traffic(8, 'host');
  const setup = prepareRun(optionsOf(CASES['all weights']!, 'webgpu'), loadModel(optionsOf(CASES['all weights']!, 'webgpu'))), { groups } = setup.loaded.trainables;
  const kept = (...kinds: string[]): string[] => kinds.flatMap((kind) => groups.map((g) => `next_${kind}:${g.name}`));
  for (const [name, graph, keep] of [['update', updateGraph(groups, adamwOptions(setup.options.config)), kept('value', 'm', 'v')], ['norm', normGraph(groups), []], ['sum', sumGraph(groups), kept('sum')]] as const) await placed(name, graph, ones(graph), keep);
  const step = setup.pool.graph('train', { rows: setup.batchRows, ...setup.buckets.at(-1)! });
  await placed('training step that keeps its gradients', step, ones(step), groups.map(gradientName));
  await close(setup);
  say({ done: true });
} catch (e) { say({ error: e instanceof Error ? (e.stack ?? e.message) : String(e) }); process.exitCode = 1; }
finally { for (const f of folders) rmSync(f, { recursive: true, force: true }); }
