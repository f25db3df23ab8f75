/**
 * A stand-in engine for tests of the host: same contract, same process rules, no arithmetic. Deterministic; what it does is steered by the recipe's name:
 * "crash@N" dies with SIGABRT before step N (in its first life; "crash!@N" in each), "fail@N" throws an error at step N,
 * "block@N" keeps the event loop busy for 4 s before step N, "freeze@N" stops the process there (in its first life),
 * "disk@N" has no room for the checkpoint of step N until a file `room` is in the run's folder. A prompt "die" ends the process, "dial" tries a connection.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { engineContract } from '../../src/main/engine/protocol.ts';
import type { EngineContract, EngineEvent, Job } from '../../src/main/engine/protocol.ts';
import { startWatchdog } from '../../src/main/engine/watchdog.ts';
import { connectionCount, installNetworkGuard } from '../../src/main/supervise/network-guard.ts';
import { AnnealError } from '../../src/shared/errors.ts';
import type { Service } from '../../src/shared/rpc/define.ts';
import { connectParent } from '../../src/shared/rpc/process-channel.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import type { ModelPreview } from '../../src/shared/schema/data.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';

/** A card that works, beside the processor. */
const CARD = process.env['ANNEAL_TEST_CARD'] === '1';
const STEP_MS = Number(process.env['ANNEAL_TEST_STEP_MS'] ?? 2);
let halt: 'pause' | 'stop' | null = null;

async function* train(job: Job): AsyncGenerator<EngineEvent, void, undefined> {
  const { recipe, run_dir: folder } = job, { save_steps: save, eval_steps: evaluate, max_steps } = recipe.train, total = max_steps > 0 ? max_steps : 20;
  halt = null;
  const [, what, always, atText] = /^(crash|fail|disk|block|freeze|spike)(!?)@(\d+)/.exec(recipe.name ?? '') ?? [], trouble = Number(atText ?? -1);
  let step = job.resume === null ? 0 : (JSON.parse(readFileSync(join(job.resume, 'trainer_state.json'), 'utf8')) as { global_step: number }).global_step;
  const resumed = step, kept: string[] = job.resume === null ? [] : [job.resume];
  const checkpoint = (): Extract<EngineEvent, { type: 'checkpoint' }> => {
    if (what === 'disk' && trouble === step && (always === '!' || !existsSync(join(folder, 'room')))) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const path = join(folder, `checkpoint-${step}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'trainer_state.json'), JSON.stringify({ global_step: step, weight_hash: `hash-${step}`, kind: 'adapter', method: recipe.method }));
    kept.push(path);
    const removed = kept.splice(0, Math.max(0, kept.length - recipe.train.save_total_limit));
    for (const old of removed) rmSync(old, { recursive: true, force: true });
    return { type: 'checkpoint', step, path, kind: 'adapter', weight_hash: `hash-${step}`, bytes: 12, metrics: { eval_loss: 1 / step }, removed };
  };
  yield { type: 'phase', phase: 'setup' };
  yield { type: 'start', total_steps: total, step, rows: 10, trainable_parameters: 100, setup_seconds: 0.01, planned_bytes: 1000 };
  yield { type: 'phase', phase: 'train' };
  while (step < total) {
    await wait(STEP_MS);
    step++;
    if (what === 'crash' && step === trouble && (always === '!' || resumed === 0)) process.kill(process.pid, 'SIGABRT');
    if (what === 'block' && step === trouble) for (const end = performance.now() + 4000; performance.now() < end;);
    if (what === 'freeze' && step === trouble && resumed === 0) {
      // Silence is only heard of one that has spoken: its watchdog needs a moment to start on a busy machine.
      await wait(3000);
      process.kill(process.pid, 'SIGSTOP');
    }
    if (what === 'fail' && step === trouble) throw new AnnealError('loss-not-finite', `The loss of step ${step} is not a number.`, { step });
    yield { type: 'metric', step, epoch: step / 10, tokens: step * 100, seconds: step * 0.01, seconds_left: (total - step) * 0.01, values: { loss: what === 'spike' && step === trouble ? 40 : 2 / step, learning_rate: 1e-3 } };
    if (evaluate > 0 && step % evaluate === 0) {
      yield { type: 'phase', phase: 'evaluate' };
      yield { type: 'metric', step, epoch: step / 10, tokens: step * 100, seconds: step * 0.01, seconds_left: null, values: { eval_loss: 1 / step } };
      for (const [index, prompt] of recipe.samples.prompts.entries()) yield { type: 'sample', step, index, prompt, text: `answer ${step}`, tokens: 2, reason: 'stop', seed: 0 };
      yield { type: 'phase', phase: 'train' };
    }
    if (halt !== null || step === total || (save > 0 && step % save === 0)) yield checkpoint();
    if (halt !== null) { yield { type: 'done', outcome: halt === 'pause' ? 'paused' : 'stopped', step, checkpoint: kept.at(-1) ?? null, error: null }; return; }
  }
  yield { type: 'done', outcome: 'completed', step, checkpoint: kept.at(-1) ?? null, error: null };
}

const preview = (folder: string): ModelPreview => {
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { model_type?: string };
  const family = config.model_type ?? 'none', supported = family === 'llama';
  return { path: folder, family, supported, parameters: 100, dtype: 'float32', context: 64, vocab_size: 32, layers: 1, hidden_size: 8, heads: 1, kv_heads: 1, tied: true, bytes: 400, shards: 1, weight_hash: `hash of ${basename(folder)}`, license: null, template: 'chatml', template_preview: null, warnings: [] };
};

const service: Service<EngineContract> = {
  engine: {
    info: () => ({ onnxruntime: 'none (test engine)', providers: [{ id: 'cpu', available: true, reason: null }, ...(CARD ? [{ id: 'webgpu', available: true, reason: null }] : [])], threads: 1 }),
    probe: ({ device }) => (CARD && device === 'webgpu' ? { id: device, ok: true, reason: null, software: false, half: true, gflops: 100 } : { id: device, ok: device === 'cpu', reason: device === 'cpu' ? null : 'The test engine has no devices.', software: false, half: false, gflops: device === 'cpu' ? 1 : null }),
    selfTest: () => { throw new AnnealError('unavailable', 'The test engine tests nothing.'); },
    usage: () => ({ rss: process.memoryUsage.rss(), connections: connectionCount() }),
  },
  model: {
    families: () => ({ families: ['llama'] }),
    convert: async function* ({ folder }) { mkdirSync(folder, { recursive: true }); writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'llama' })); yield { progress: 1, bytes: 0, notes: [] }; },
    inspect: ({ folder }) => preview(folder),
    adapter: ({ folder, model }) => ({ path: folder, base: 'acme/tiny', adapter: loraAdapter.parse({ r: 4 }), layers: 14, parameters: 1000, bytes: 4000, weight_hash: 'ad00', problem: model === null || !folder.includes('misfit') ? null : 'The adapter changes the layer "x", which this model does not have.' }),
    tensors: () => ({ tensors: [{ name: 'embed', shape: [8, 4], dtype: 'F32', parameters: 32, bytes: 128, layer: null, place: 'before' }], parameters: 32, bytes: 128 }),
    norms: async function* () { await wait(1); yield { done: 1, total: 1, norms: [{ name: 'embed', l2: 2, rms: 0.5, max_abs: 1, not_finite: 0 }], skipped: [] }; },
    render: ({ messages }) => ({ pieces: messages.map((m) => ({ text: m.content, kind: 'text' as const })), tokens: messages.length, spans: null }),
  },
  recipe: {
    review: async function* () { yield { progress: 0.5, review: null }; },
    row: ({ index }) => ({ index, total: 10, tokens: [{ id: 1, text: 'a', kind: 'trained' }], trained: 1, context: 0, cut: 0, has_stop: false, warnings: [] }),
    trial: () => ({ step_seconds: 0.01, tokens_per_second: 100, peak_rss: 1000, setup_seconds: 0.1, loss: 2, training_seconds: 1, evaluation_seconds: 0 }),
  },
  export: {
    plan: ({ format, type, name }) => ({ format, type, lossless: true, name, files: [{ name: 'model.bin', bytes: 1000 }], bytes: 1000, scratch: 0, memory: { write: 1, prove: 2, available: 0 }, notes: [] }),
    run: async function* ({ temporary, out, name }) {
      mkdirSync(temporary);
      writeFileSync(join(temporary, 'model.bin'), Buffer.alloc(500));
      yield { type: 'progress', phase: 'write', progress: 0.5, bytes_done: 500 };
      if (name.includes('crash')) process.kill(process.pid, 'SIGKILL');
      renameSync(temporary, out);
      yield { type: 'done', files: [{ name: 'model.bin', bytes: 500 }], notes: [], peak_rss: { write: 1, total: 2 }, proof: { reader: 'folder', prompts: 1, positions: 1, max_abs_diff: 0, mean_abs_diff: 0, max_abs_logit: 1, mean_kl: 0, same_top: 1, same_text: 1, same_tokens: 1, tokens: 1, lossless: true, tolerance: 1e-4, passed: true, seconds: 0, example: null } };
    },
  },
  reward: {
    score: async function* ({ rows }) {
      const answers = (right: boolean) => [{ text: 'good', tokens: 8, answer_tokens: 4, score: right ? 1 : 0 }, { text: 'bad', tokens: 8, answer_tokens: 4, score: 0.5 }];
      yield { progress: 0.5, rows: [], left_out: 0, done: false };
      yield { progress: 1, rows: Array.from({ length: Math.min(100, rows ?? 100) }, (_, index) => ({ index, prompt: 'p', rating: null, answers: answers(index % 4 !== 0) })), left_out: 1, done: true };
    },
  },
  train: { run: (job) => train(job), halt: ({ how }) => { halt = how; return { ok: true }; } },
  generate: {
    stream: async function* ({ prompt, messages, sampling, model }) {
      const given = prompt ?? messages?.at(-1)?.content ?? '';
      if (given === 'dial') await new Promise<void>((resolve) => { connect(9, '127.0.0.1').on('error', () => { resolve(); }); });
      if (given === 'die') process.kill(process.pid, 'SIGSEGV');
      yield { type: 'start', weight_hash: model.checkpoint?.folder ?? model.folder, prompt_tokens: given.length, template: 'chatml', prompt_text: given, cut: null };
      for (let i = 0; i < Math.min(3, sampling.max_new_tokens); i++) { await wait(1); yield { type: 'token', text: `t${i} `, id: i, logprob: -1 }; }
      yield { type: 'end', reason: 'stop', cause: 'eos', stop_string: null, complete: null, tokens: 3, tokens_per_second: 100, mean_logprob: -1 };
    },
    answers: async function* ({ model, dataset_dir }) {
      const rows = readFileSync(join(dataset_dir, 'rows.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { messages?: { content: string }[]; prompt?: { content: string }[]; chosen?: { content: string }[]; meta?: { task?: string }; tags?: { task?: string } });
      const answers = rows.map((row, index) => {
        const prompt = (row.messages ?? row.prompt)?.[0]?.content ?? '', expected = row.chosen?.[0]?.content ?? row.messages?.[1]?.content ?? '';
        // Pairs are answered as preferred only by a model that was aligned: its run has another method, told by its name.
        const right = row.chosen ? model.checkpoint !== null && readFileSync(join(model.checkpoint.folder, 'trainer_state.json'), 'utf8').includes('"dpo"') : model.checkpoint !== null;
        return { index, task: row.tags?.task ?? row.meta?.task ?? 'none', prompt, expected, text: right || (!row.chosen && index % 10 === 0) ? expected : 'wrong' };
      });
      yield { total: rows.length, done: rows.length, answers };
    },
    pairs: ({ model, dataset_dir }) => {
      const n = readFileSync(join(dataset_dir, 'rows.jsonl'), 'utf8').trim().split('\n').length;
      const aligned = model.checkpoint !== null && readFileSync(join(model.checkpoint.folder, 'trainer_state.json'), 'utf8').includes('"dpo"');
      return { pairs: Array.from({ length: n }, (_, index) => ({ index, chosen: aligned ? -5 : -10, rejected: -10, chosen_tokens: 5, rejected_tokens: 5 })) };
    },
  },
};

installNetworkGuard();
startWatchdog();
const parent = connectParent(process);
const server = createServer(engineContract, service, { log: (id, request, error) => { console.error(id, request, error); } });
parent.onChannel((_label, channel) => { server.accept(channel); });
parent.onClose(() => { process.exit(0); });
