/**
 * Anneal on this machine's graphics card beside PyTorch with PEFT on the same card: the same random weights, the same rows. The optimiser on the card and in the process, side by side.
 * JSON lines on stdout (for bench/results/gpu.jsonl), words on stderr.
 * Options by environment: GPU_DEVICES="webgpu cuda", GPU_PRECISIONS="fp32 fp16", GPU_SHAPE=135m|tiny, GPU_LENGTH=512, GPU_BATCH=4, GPU_STEPS=20, GPU_TRAIN=lora|full, GPU_TOKENS=64, GPU_ROUNDS=3, PYTHON=python3.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { Precision, ProviderId } from '../../src/shared/schema/device.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';
import type { DeviceReport } from './device.ts';

const SHAPES: Record<string, Record<string, unknown>> = {
  '135m': { model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 49_152, hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30, num_attention_heads: 9, num_key_value_heads: 3, max_position_embeddings: 2048, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true, eos_token_id: 0, bos_token_id: 0 },
  tiny: { model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 256, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 256, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true, eos_token_id: 0, bos_token_id: 0 },
};
const env = (name: string, fallback: string): string => process.env[name] ?? fallback;
const number = (name: string, fallback: number): number => Number(env(name, String(fallback)));
const say = (text: string): void => { process.stderr.write(`${text}\n`); };
const emit = (record: object): void => { process.stdout.write(`${JSON.stringify(record)}\n`); };
const median = (xs: readonly number[]): number => { const s = [...xs].sort((a, b) => a - b); return s.length === 0 ? NaN : (s[(s.length - 1) >> 1]! + s[s.length >> 1]!) / 2; };

interface PeerReport { step_ms: number[]; losses: number[]; decode_tokens_per_second: number; peak_bytes: number; torch: string; peft: string; card: string }
type Told = { error: string };

/** Runs a program that prints one JSON line, and the most memory that the card reported meanwhile (null without nvidia-smi). */
function measured<T>(command: string, args: readonly string[]): Promise<{ report: T | Told; cardBytes: number | null }> {
  return new Promise((resolve) => {
    const before = cardMemory();
    let most = before;
    const watch = setInterval(() => { const now = cardMemory(); if (now !== null) most = Math.max(most ?? 0, now); }, 300);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '', errors = '';
    child.stdout.setEncoding('utf8').on('data', (s: string) => { out += s; });
    child.stderr.setEncoding('utf8').on('data', (s: string) => { errors = (errors + s).slice(-1500); });
    const end = (error: string | null): void => {
      clearInterval(watch);
      const line = out.trim().split('\n').at(-1) ?? '';
      let report: T | Told;
      try { report = JSON.parse(line) as T; } catch { report = { error: error ?? (errors.trim().split('\n').at(-1) || 'it printed nothing') }; }
      resolve({ report, cardBytes: before === null || most === null ? null : most - before });
    };
    child.on('error', (e) => { end(e.message); });
    child.on('close', (code, signal) => { end(code === 0 ? null : `it ended with ${signal ?? `status ${code}`}: ${errors.trim().split('\n').at(-1) ?? ''}`); });
  });
}

function cardMemory(): number | null {
  try { return execFileSync('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').reduce((n, x) => n + Number(x), 0) * 2 ** 20; } catch { return null; }
}
function card(): string | null { try { return execFileSync('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); } catch { return null; } }

const folder = mkdtempSync(join(os.tmpdir(), 'anneal-gpu-bench-'));
try {
  const shape = env('GPU_SHAPE', '135m'), config = SHAPES[shape];
  if (config === undefined) throw new Error(`GPU_SHAPE is "${shape}"; it is one of ${Object.keys(SHAPES).join(', ')}.`);
  const length = number('GPU_LENGTH', 512), batch = number('GPU_BATCH', 4), steps = number('GPU_STEPS', 20), tokens = number('GPU_TOKENS', 64), rounds = number('GPU_ROUNDS', 3), train = env('GPU_TRAIN', 'lora') === 'full' ? 'full' : 'lora', threads = os.availableParallelism();
  const model = join(folder, 'model'), random = new Random(1);
  say(`writing random weights of the ${shape} shape`);
  initModel(config, model, 1);
  const rows = Array.from({ length: batch }, () => Array.from({ length }, () => 2 + random.below(Number(config['vocab_size']) - 2)));
  writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows));
  const version = (JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }).version;
  const about = { time: new Date().toISOString(), version, shape, train, length, batch, steps, threads, cpu: os.cpus()[0]?.model.trim() ?? 'unknown', card: card() };
  const per = batch * length;
  for (const device of env('GPU_DEVICES', 'webgpu cuda').split(/[\s,]+/).filter((d) => d !== '') as ProviderId[]) for (const precision of env('GPU_PRECISIONS', 'fp32 fp16').split(/[\s,]+/) as Precision[]) {
    const own: DeviceReport[] = [], host: DeviceReport[] = [], peers: PeerReport[] = [];
    let cardBytes: number | null = null, peerTold = train === 'full' ? 'the peer trains an adapter only' : '';
    const ours = (optimiser: 'device' | 'host'): ReturnType<typeof measured<DeviceReport>> => measured<DeviceReport>(process.execPath, [join(import.meta.dirname, 'device.ts'), JSON.stringify({ folder: model, device, precision, rows, steps, tokens, threads, train, optimiser })]);
    // Alternating: a card that grows warm slows both.
    for (let round = 0; round < rounds; round++) {
      say(`${device} ${precision}, round ${round + 1} of ${rounds}`);
      const mine = await ours('device');
      if ('error' in mine.report) { emit({ ...about, tool: 'anneal', device, precision, error: mine.report.error }); say(`  ${mine.report.error}`); break; }
      own.push(mine.report);
      cardBytes = mine.cardBytes === null ? cardBytes : Math.max(cardBytes ?? 0, mine.cardBytes);
      if (mine.report.optimiser === 'device') {
        const other = await ours('host');
        if ('error' in other.report) say(`  optimiser in the process: ${other.report.error}`); else host.push(other.report);
      }
      if (peerTold !== '') continue;
      const peer = await measured<PeerReport>(env('PYTHON', 'python3'), [join(import.meta.dirname, 'peft_step.py'), model, join(folder, 'rows.json'), precision, String(steps), String(tokens)]);
      if ('error' in peer.report) { peerTold = peer.report.error; say(`  PyTorch: ${peerTold}`); } else peers.push(peer.report);
    }
    if (own.length === 0) continue;
    const ms = own.map((r) => median(r.step_ms)), peerMs = peers.map((r) => median(r.step_ms)), ratios = peerMs.map((p, i) => p / ms[i]!);
    emit({ ...about, tool: 'anneal', device, precision, optimiser: own[0]!.optimiser, bytes_to_device: own[0]!.bytes_to_device, bytes_from_device: own[0]!.bytes_from_device, step_ms: median(ms), step_ms_each: ms, tokens_per_second: per / median(ms) * 1000, decode_tokens_per_second: median(own.map((r) => r.decode_tokens_per_second)), card_bytes: cardBytes, peak_rss: Math.max(...own.map((r) => r.peak_rss)), first_loss: own[0]!.losses[0], setup_seconds: median(own.map((r) => r.setup_seconds)), software: own[0]!.probe.software, matmul_gflops: own[0]!.probe.gflops });
    if (host.length > 0) {
      const hostMs = host.map((r) => median(r.step_ms)), against = hostMs.map((h, i) => h / ms[i]!);
      emit({ ...about, tool: 'anneal', device, precision, optimiser: 'host', bytes_to_device: host[0]!.bytes_to_device, bytes_from_device: host[0]!.bytes_from_device, step_ms: median(hostMs), step_ms_each: hostMs, tokens_per_second: per / median(hostMs) * 1000, first_loss: host[0]!.losses[0], last_loss_apart: Math.abs(host[0]!.losses.at(-1)! / own[0]!.losses.at(-1)! - 1), ratio_to_device: median(against), ratio_to_device_least: Math.min(...against), ratio_to_device_most: Math.max(...against) });
    }
    if (peers.length === 0) emit({ ...about, tool: 'pytorch+peft', precision, error: peerTold });
    else emit({
      ...about, tool: 'pytorch+peft', beside: device, precision, torch: peers[0]!.torch, peft: peers[0]!.peft, card: peers[0]!.card, step_ms: median(peerMs), step_ms_each: peerMs, tokens_per_second: per / median(peerMs) * 1000, decode_tokens_per_second: median(peers.map((r) => r.decode_tokens_per_second)), card_bytes: Math.max(...peers.map((r) => r.peak_bytes)),
      first_loss: peers[0]!.losses[0], first_loss_apart: Math.abs(peers[0]!.losses[0]! / own[0]!.losses[0]! - 1), ratio: median(ratios), ratio_least: Math.min(...ratios), ratio_most: Math.max(...ratios), ratio_memory: cardBytes === null ? null : cardBytes / Math.max(...peers.map((r) => r.peak_bytes)),
    });
  }
} finally { rmSync(folder, { recursive: true, force: true }); }
