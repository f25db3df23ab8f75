/** Generates from token ids: prompts in, tokens with log-probabilities out as they are made. Several sequences run together; each reads left to right with its own length. */

import { AnnealError } from '../../../shared/errors.ts';
import type { ProviderId } from '../../../shared/schema/device.ts';
import type { WeightFormat } from '../../../shared/schema/generate.ts';
import type { Result } from '../runtime/session.ts';
import { LiveWeights } from './live-weights.ts';
import type { GenerationSource } from './live-weights.ts';
import { KvCache, cacheShape, stateNames, type DecodeState } from './kv-cache.ts';
import { rotarySwitch } from '../models/rope.ts';
import { Programs } from './programs.ts';
import type { Constraint, Place } from './grammar/index.ts';
import { isPlainGreedy, sampleToken, topLogprobs } from './sampler.ts';
import type { SamplerSettings } from './sampler.ts';

export interface GenerateRequest {
  /** Token ids of each prompt; none may be empty. */
  prompts: readonly (readonly number[])[];
  sampling: SamplerSettings;
  maxNewTokens: number;
  /** Tokens that end a sequence; the token itself is reported with its log-probability before the end. */
  stopIds?: readonly number[];
  /** Asked after every token with the new tokens so far; true ends the sequence (see stop-strings). */
  stopWhen?: (sequence: number, tokens: readonly number[]) => boolean;
  signal?: AbortSignal;
  /** What the text of every sequence must be. A sequence that ends by itself is whole; one that runs out of tokens may not be (`complete`). */
  constraint?: Constraint | undefined;
  /** Likeliest tokens to report at each place; default 0. */
  topLogprobs?: number;
  /** First number of the random streams: sequence i draws as sequence `firstSequence + i`. */
  firstSequence?: number;
}

export type EndReason = 'stop' | 'length' | 'cancelled';
/** A token of `stopIds`, `stopWhen`, a grammar that allows nothing more, `maxNewTokens`, the model's context, or `signal`. */
export type EndCause = 'eos' | 'stop_string' | 'grammar' | 'max_tokens' | 'context' | 'cancelled';
export type GenerateEvent =
  /** `logprob` is of the model as it is: temperature 1, no filter. */
  | { type: 'token'; sequence: number; token: number; logprob: number; top?: { id: number; logprob: number }[] }
  /** `complete`: whether the text is a whole sentence of the grammar; null without one. */
  | { type: 'end'; sequence: number; reason: EndReason; cause: EndCause; complete: boolean | null; tokens: number };
export interface Generated { tokens: number[]; logprobs: number[]; reason: EndReason; cause: EndCause; complete: boolean | null }

export interface Generator {
  generate(request: GenerateRequest): AsyncGenerator<GenerateEvent>;
  /** All sequences to their end, in the order of the prompts. */
  generateBatch(request: GenerateRequest): Promise<Generated[]>;
  dispose(): Promise<void>;
}

export interface GeneratorOptions {
  threads: number;
  /** Sequences at a time; default 32. */
  maxBatch?: number;
  /** Frozen linear weights; default fp32. */
  format?: WeightFormat;
  /** Compiled shapes to keep; default 16 for small models, 4 for large ones. */
  keepPrograms?: number;
  /** Threads wait actively; default: where cores are free when the generator is made. */
  spin?: boolean;
  /** Where it runs; default cpu. */
  device?: ProviderId;
}

/** Padded tokens of one prompt pass. */
const PREFILL_TOKENS = 8192;
export const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128];
export const bucket = (sizes: readonly number[], n: number): number => sizes.find(s => s >= n) ?? n;
/** 16, 32, 48, 64, 96, 128, 192 ... */
export const promptBucket = (n: number): number => { let s = 16; while (s < n) s += s >= 32 ? 2 ** Math.floor(Math.log2(s)) / 2 : 16; return s; };
export const cacheBucket = (n: number): number => { let s = 64; while (s < n) s *= 2; return s; };

interface Row { sequence: number; prompt: readonly number[]; tokens: number[]; seen: Set<number>; next: number; done: boolean; place: Place | null }

export function createGenerator(source: GenerationSource, options: GeneratorOptions): Generator {
  const { maxBatch = 32, keepPrograms, threads, spin, format = 'fp32' } = options;
  const programs = new Programs(source, threads, keepPrograms, format, spin, options.device);
  const weights = new LiveWeights(source, threads);
  const { config } = source.model;
  const shape = cacheShape(config);
  const cacheNames = stateNames(shape);
  const freshNames = [...(shape.attention.length > 0 ? ['fresh'] : []), ...(shape.conv.length > 0 ? ['fresh_conv'] : [])];
  const switchLength = rotarySwitch(config);

  async function* run(rows: readonly Row[], request: GenerateRequest): AsyncGenerator<GenerateEvent> {
    const { sampling, maxNewTokens, stopWhen, signal, firstSequence = 0 } = request;
    const stops = new Set(request.stopIds);
    const ranks = request.topLogprobs ?? 0;
    const greedy = isPlainGreedy(sampling) && ranks === 0 && request.constraint === undefined;
    const live = await weights.feeds();
    const fetch = greedy ? ['token', 'logprob'] : ['logits', 'lse'];

    const causeAfter = (row: Row, token: number): EndCause | null => {
      if (stops.has(token)) return 'eos';
      row.place?.advance(token);
      if (stopWhen?.(row.sequence, row.tokens) ?? false) return 'stop_string';
      if (row.place?.final === true) return 'grammar';
      if (row.tokens.length >= maxNewTokens) return 'max_tokens';
      return row.prompt.length + row.tokens.length >= config.maxPositions ? 'context' : null;
    };

    /** Takes one token for each unfinished row from the outputs of a step; the row's index is its place in the batch. */
    const take = function* (out: Record<string, Result>, batchRows: readonly Row[]): Iterable<GenerateEvent> {
      for (const [slot, row] of batchRows.entries()) {
        if (row.done) continue;
        const { token, logprob, top } = greedy ? greedyToken(out, slot) : sampledToken(out, slot, config.vocabSize, sampling, row, firstSequence, ranks);
        row.tokens.push(token);
        row.seen.add(token);
        row.next = token;
        yield { type: 'token', sequence: row.sequence, token, logprob, ...(ranks > 0 ? { top: top ?? [] } : {}) };
        const cause = causeAfter(row, token);
        if (cause !== null) { row.done = true; yield ended(row, cause); }
      }
    };
    /** Reads prompts (and what was answered so far) in one pass; gives the state that they leave. */
    const read = async (part: readonly Row[]): Promise<{ out: Record<string, Result>; loaded: DecodeState }> => {
      const batch = bucket(BATCHES, part.length);
      const width = promptBucket(Math.max(...part.map(textLength)));
      const ids = new Int32Array(batch * width);
      part.forEach((r, b) => { ids.set(r.prompt, b * width); ids.set(r.tokens, b * width + r.prompt.length); });
      const positions = Int32Array.from({ length: batch * width }, (_, i) => i % width);
      const last = Int32Array.from({ length: batch }, (_, b) => b * width + (part[b] ? textLength(part[b]) : 1) - 1);
      const program = await programs.get('prefill', batch, width);
      const out = await program.run({ ...live, ids, positions, last }, maxNewTokens > 1 ? [...fetch, ...cacheNames] : fetch);
      return { out, loaded: { arrays: Object.fromEntries(cacheNames.flatMap(name => (out[name] ? [[name, out[name].data as Float32Array]] : []))), stride: width } };
    };
    const slotsFor = (batchRows: readonly Row[]): number => Math.max(...batchRows.map(r => {
      return cacheBucket(Math.min(textLength(r) + 32, r.prompt.length + maxNewTokens, config.maxPositions));
    }));

    const pending = [...rows];
    let active: Row[] = [];
    let cache = new KvCache(shape, 1, 1);
    for (;;) {
      if (signal?.aborted) {
        for (const row of [...active, ...pending]) if (!row.done) yield ended(row, 'cancelled');
        return;
      }
      const open = active.flatMap((r, b) => (r.done ? [] : [b]));
      // Half empty: read new prompts into the free places. A started sequence that must be read again does not wait.
      if (pending.length > 0 && (open.length <= maxBatch / 2 || pending.some(r => r.tokens.length > 0))) {
        const part = nextPart(pending, maxBatch - open.length);
        const lengths = part.map(textLength);
        const { out, loaded } = await read(part);
        yield* take(out, part);
        const staying = part.flatMap((r, b) => (r.done ? [] : [b]));
        const joined = [...open.map(b => active[b] as Row), ...staying.map(b => part[b] as Row)];
        if (joined.length > 0) {
          const grown = cache.resized(open, bucket(BATCHES, joined.length), Math.max(slotsFor(joined), open.length ? cache.slots : 0));
          staying.forEach((b, k) => { grown.load(open.length + k, loaded, b, lengths[b] as number); });
          cache = grown;
        }
        active = joined;
        continue;
      }
      if (open.length === 0) return;
      // With the next token these outgrow their rotary tables: the keys so far are turned by the wrong angles.
      const outgrown = open.filter(b => cache.lengths[b] === switchLength);
      if (outgrown.length > 0) {
        const staying = open.filter(b => !outgrown.includes(b));
        pending.unshift(...outgrown.map(b => active[b] as Row));
        cache = cache.resized(staying, bucket(BATCHES, staying.length), cache.slots);
        active = staying.map(b => active[b] as Row);
        continue;
      }
      const smaller = bucket(BATCHES, open.length);
      const full = open.some(b => (cache.lengths[b] as number) >= cache.slots);
      if (smaller <= cache.batch / 4 || full) {
        cache = cache.resized(open, smaller, full ? cacheBucket(cache.slots + 1) : cache.slots);
        active = open.map(b => active[b] as Row);
        continue;
      }
      const program = await programs.get('decode', cache.batch, cache.slots);
      const tokens = Int32Array.from({ length: cache.batch }, (_, b) => active[b]?.next ?? 0);
      const out = await program.run({ ...live, ...cache.feeds(), ids: tokens, positions: cache.lengths }, [...fetch, ...freshNames]);
      cache.append(Object.fromEntries(freshNames.map(name => [name, (out[name] as Result).data as Float32Array])), open);
      yield* take(out, active);
    }
  }

  async function* generate(request: GenerateRequest): AsyncGenerator<GenerateEvent> {
    request.prompts.forEach((p, i) => {
      if (p.length === 0) throw new AnnealError('bad-request', `Prompt ${i} is empty; give at least one token.`);
      if (p.length >= config.maxPositions) throw new AnnealError('bad-request', `Prompt ${i} has ${p.length} tokens, but the model reads at most ${config.maxPositions}; shorten it.`, { tokens: p.length });
      const bad = p.find(id => !(id >= 0 && id < config.vocabSize));
      if (bad !== undefined) throw new AnnealError('bad-request', `Prompt ${i} has the token id ${bad}, which is outside the vocabulary of ${config.vocabSize}.`);
    });
    if (!(request.maxNewTokens >= 1)) throw new AnnealError('bad-request', 'maxNewTokens must be at least 1.');
    const rows = request.prompts.map((prompt, sequence): Row => ({ sequence, prompt, tokens: [], seen: new Set(prompt), next: 0, done: false, place: request.constraint?.begin() ?? null }));
    // Prompts of like length together: less padding.
    const sorted = rows.length > maxBatch ? rows.toSorted((a, b) => a.prompt.length - b.prompt.length || a.sequence - b.sequence) : rows;
    yield* run(sorted, request);
  }

  return {
    generate,
    async generateBatch(request) {
      const all = request.prompts.map((): Generated => ({ tokens: [], logprobs: [], reason: 'cancelled', cause: 'cancelled', complete: null }));
      for await (const e of generate(request)) {
        const g = all[e.sequence] as Generated;
        if (e.type === 'end') { g.reason = e.reason; g.cause = e.cause; g.complete = e.complete; }
        else { g.tokens.push(e.token); g.logprobs.push(e.logprob); }
      }
      return all;
    },
    dispose: async () => { await programs.dispose(); await weights.dispose(); },
  };
}

const textLength = (r: Row): number => r.prompt.length + r.tokens.length;

/** Takes prompts from the front of the queue: at most `room`, and not more padded tokens than one pass should hold. */
function nextPart(pending: Row[], room: number): Row[] {
  let count = 0;
  let width = 0;
  while (count < Math.min(room, pending.length)) {
    const wider = promptBucket(Math.max(width, textLength(pending[count] as Row)));
    if (count > 0 && wider * (count + 1) > PREFILL_TOKENS) break;
    width = wider;
    count++;
  }
  return pending.splice(0, count);
}

const REASONS: Record<EndCause, EndReason> = { eos: 'stop', stop_string: 'stop', grammar: 'stop', max_tokens: 'length', context: 'length', cancelled: 'cancelled' };
const ended = (row: Row, cause: EndCause): GenerateEvent => ({ type: 'end', sequence: row.sequence, reason: REASONS[cause], cause, complete: row.place === null ? null : row.place.complete, tokens: row.tokens.length });

interface Taken { token: number; logprob: number; top?: { id: number; logprob: number }[] }
function greedyToken(out: Record<string, Result>, slot: number): Taken {
  return { token: Number((out['token'] as Result).data[slot]), logprob: Number((out['logprob'] as Result).data[slot]) };
}

function sampledToken(out: Record<string, Result>, slot: number, vocabulary: number, sampling: SamplerSettings, row: Row, firstSequence: number, ranks: number): Taken {
  const logits = (out['logits'] as Result).data as Float32Array;
  const view = logits.subarray(slot * vocabulary, (slot + 1) * vocabulary);
  const lse = Number((out['lse'] as Result).data[slot]);
  const top = topLogprobs(view, lse, ranks);
  const original = sampling.repetition_penalty === 1 ? view : view.slice();
  const token = sampleToken(view, sampling, row.seen, firstSequence + row.sequence, row.tokens.length, row.place?.mask ?? null);
  return { token, logprob: (original[token] as number) - lse, top };
}
