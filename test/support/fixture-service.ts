/** The contract answered with invented, deterministic data; live things move slowly. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Change, contract } from '../../src/shared/contract.ts';
import { AnnealError } from '../../src/shared/errors.ts';
import type { Service } from '../../src/shared/rpc/define.ts';
import type { Demo, Run, Settings } from '../../src/shared/schema/entities.ts';
import type { Review } from '../../src/shared/schema/review.ts';
import { CHECKPOINTS, curve, datasetPreview, DATASETS, demo, LOG, modelPreview, manyModels, MODELS, NOW, random, recipe, row, RUNS, SAMPLES } from './fixture-data.ts';
import { fixtureImports } from './fixture-imports.ts';
import { alignment } from './fixture-alignment.ts';
import { fixtureExports } from './fixture-exports.ts';
import { cardDevice, cardPlan, fixtureCaches, fixtureDevices } from './fixture-devices.ts';
import { fixtureHub } from './fixture-hub.ts';
import { adapterFacts, fixtureNorms, fixtureRender, fixtureTensors, importedAdapter } from './fixture-model.ts';
import { PREFERENCE_RUN, preferenceSeries } from './fixture-health.ts';
import { rewardCardOf } from './fixture-reward.ts';
import { maskRow, pairRow, pairReview, review } from './fixture-review.ts';
import { preferenceValue } from './fixture-preference.ts';

/** full: everything. preference: a DPO run as well. aligned: the demo with its alignment part; aligning: in the middle of it. many: 1,200 models as well. empty: first start. demo: the demo is training. failed: requests for rows, models and the demo fail. card: the machine has a graphics card, and one of its runs is on it. */
export type FixtureState = 'full' | 'preference' | 'aligned' | 'aligning' | 'many' | 'empty' | 'demo' | 'failed' | 'card';
export interface FixtureOptions { state: FixtureState; language: Settings['language']; theme: Settings['theme']; /** So many finished runs more. */ pastRuns?: number; /** So many runs in the queue. */ waiting?: number }

const find = <T extends { id: string }>(list: readonly T[], id: string): T => {
  const found = list.find((x) => x.id === id);
  if (!found) throw new AnnealError('not-found', `There is nothing with the id "${id}".`);
  return found;
};

const isSft = (r: unknown): boolean => typeof r !== 'object' || r === null || !('method' in r) || r.method === 'sft';

const pastOf = (n: number): Run[] => Array.from({ length: n }, (_, i): Run => ({ ...find(RUNS, 'r-done'), id: `past-${i}`, name: `past run ${i}`, created_at: NOW - (i + 10) * 86_400_000 }));

const waitingOf = (n: number): Run[] => Array.from({ length: n }, (_, i): Run => ({ ...find(RUNS, 'r-queued'), id: `waiting-${i + 2}`, name: `waiting ${i + 2}`, queue: i + 2, created_at: NOW - i * 1000 }));

export function fixtureService({ state, language, theme, pastRuns = 0, waiting = 1 }: FixtureOptions): Service<typeof contract> {
  const empty = state === 'empty', models = [...MODELS.slice(0, empty ? 1 : undefined), ...(state === 'many' ? manyModels(1200) : [])], datasets = DATASETS.slice(0, empty ? 2 : undefined);
  let runs: Run[] = empty ? [] : [...(state === 'card' ? RUNS.map((r) => (r.id === 'r-live' ? { ...r, device: cardDevice() } : r)) : RUNS), ...(state === 'preference' ? [PREFERENCE_RUN] : []), ...pastOf(pastRuns), ...waitingOf(waiting - 1)], settings: Settings = { language, theme, device: 'auto', threads: 0, resume_interrupted: false, reduced_motion: false, device_memory_gb: null };
  let theDemo: Demo | null = empty ? null : state === 'demo' ? demo({ status: 'training', progress: 0.47, run_id: 'r-live', started_at: NOW - 74_000, ended_at: null, scores: demo().scores.map((s) => ({ ...s, tuned: 0, tuned_low: 0, tuned_high: 0 })), difference: null, examples: [] })
    : state === 'aligned' ? demo({ alignment: alignment(), align_run_id: 'r-dpo', ended_at: NOW - 86_400_000 + 402_000 }) : state === 'aligning' ? demo({ status: 'aligning', progress: 0.68, align_run_id: 'r-live', started_at: NOW - 254_000, ended_at: null })
    : state === 'failed' ? demo({ status: 'failed', error: { code: 'engine-crashed', message: 'The engine was killed, by somebody or because memory ran out.' }, scores: [], difference: null, examples: [] }) : demo();
  const placed = (r: Review): Review => (state === 'card' ? { ...r, run: { ...r.run, device: cardDevice() }, plan: { ...r.plan, prepacked: 0, activations: 60e6, total: 284e6, reasons: ['The graphics card needs about 3.72 GB.', 'Everything fits as the recipe asks: nothing is split or computed twice for the sake of memory.'], card: cardPlan() } } : r);
  const listeners = new Set<(c: Change) => void>();
  const tell = (c: Change): void => { for (const fn of listeners) fn(c); };
  const failing = (): void => { if (state === 'failed') throw new AnnealError('file-not-found', 'The rows of the dataset version "7c1e" are gone: import the file again.'); };
  const setRun = (id: string, patch: Partial<Run>): Run => {
    const next = { ...find(runs, id), ...patch };
    runs = runs.map((r) => (r.id === id ? next : r));
    tell({ topic: 'run', id, record: next });
    return next;
  };
  const tick = setInterval(() => {
    const live = runs.find((r) => r.status === 'running');
    if (!live || live.step >= live.total_steps) return;
    const loss = curve(live.total_steps, 5, 3.1, 0.4)[live.step] ?? 0;
    setRun(live.id, { step: live.step + 1, epoch: live.epoch + 0.0033, tokens: live.tokens + 4096, seconds: live.seconds + 0.55, seconds_left: (live.seconds_left ?? 0) - 0.55, last: { ...live.last, loss }, spark: [...live.spark.slice(0, -1), loss], metric_seq: live.metric_seq + 1 });
  }, 1000);
  tick.unref();

  return {
    system: {
      info: () => ({ version: '0.1.0', node: '24.21.0', electron: null, platform: 'linux', arch: 'x64', cpu: 'Fixture CPU', cores: 4, threads: 2, memory_total: 24e9, home: '~/.anneal', home_free: 182e9, onnxruntime: '1.30.0', providers: [{ id: 'cpu', available: true, reason: null }, { id: 'webgpu', available: false, reason: 'No Vulkan device was found.' }, { id: 'cuda', available: false, reason: 'The CUDA libraries are not installed.' }], mode: 'browser' }),
      watch: async function* (_i, { signal }) { for (;;) { yield { time: Date.now(), rss: empty ? 187e6 : 618e6, memory_free: 17.2e9, live_run: empty ? null : 'r-live', queued: empty ? 0 : 1, engines: [], connections: 0 }; try { await wait(1000, undefined, { signal }); } catch { return; } } },
      diagnostics: () => ({ text: 'Anneal 0.1.0, browser; Node 24.21.0; linux x64\nFixture CPU, 4 logical cores, 2 threads' }),
    },
    rewards: { card: ({ id }) => rewardCardOf(id), measure: async function* ({ id }) { yield { progress: 0.4, card: null }; await wait(300); yield { progress: 1, card: rewardCardOf(id) }; }, score: () => { throw new AnnealError('bad-request', 'The fixture scores nothing.'); } },
    devices: fixtureDevices(state === 'card', () => settings),
    caches: fixtureCaches(empty),
    settings: { get: () => settings, set: (patch) => { settings = { ...settings, ...patch }; tell({ topic: 'settings', id: 'settings', record: settings }); return settings; } },
    changes: {
      watch: async function* (_i, { signal }) {
        const queue: Change[] = [];
        let wake = (): void => undefined;
        const fn = (c: Change): void => { queue.push(c); wake(); };
        listeners.add(fn);
        signal.addEventListener('abort', () => { wake(); });
        try { while (!signal.aborted) { const next = queue.shift(); if (next) yield next; else await new Promise<void>((r) => { wake = r; }); } } finally { listeners.delete(fn); }
      },
    },
    files: {
      list: ({ path, want }) => {
        const places = [{ name: 'home', path: '/home/ada' }, { name: 'working', path: '/home/ada/work' }, { name: 'data', path: '/mnt/data' }];
        if (path === undefined) return { path: null, parent: null, entries: [], places };
        const entry = (name: string, kind: 'folder' | 'file', hint: 'model' | 'adapter' | 'dataset' | 'none', bytes = 0) => ({ name, path: `${path}/${name}`, kind, bytes, modified: NOW - 9e7, hint });
        const files = want === 'dataset' ? [entry('tickets-2026.csv', 'file', 'dataset', 9_842_112), entry('odd-columns.csv', 'file', 'dataset', 44_120), entry('world-instruct.jsonl', 'file', 'dataset', 612_480)] : want === 'model' ? [entry('SmolLM2-135M-Instruct-Q4_1.gguf', 'file', 'model', 98_301_952)] : [];
        return { path, parent: path === '/home/ada' ? null : path.slice(0, path.lastIndexOf('/')), entries: [...(want === 'model' ? [entry('Qwen2.5-0.5B', 'folder', 'model'), entry('SmolLM2-135M', 'folder', 'model'), entry('polite-lora', 'folder', 'adapter')] : []), entry('archive', 'folder', 'none'), entry('downloads', 'folder', 'none'), ...files], places };
      },
    },
    models: {
      list: () => models, get: ({ id }) => { const m = find(models, id); failing(); if (m.missing) throw new AnnealError('file-not-found', 'The folder "my-old-llama" is gone: put it back, or import it from where it is now.'); return modelPreview(m); },
      inspect: async ({ path }) => { await wait(400); if (!/Qwen|Smol/.test(path)) throw new AnnealError('model-config-invalid', `The folder "${path.split('/').at(-1) ?? ''}" has no config.json: choose a Hugging Face model folder.`); return modelPreview(find(MODELS, /Qwen/.test(path) ? 'qwen-05' : 'smol-135'), { path, warnings: /Qwen/.test(path) ? ['generation_config.json names two stop tokens; both are used.'] : [] }); },
      import: ({ name }) => ({ ...find(MODELS, 'smol-135'), id: `m-${Date.now()}`, name: name ?? 'SmolLM2-135M' }), rename: ({ id, name }) => ({ ...find(models, id), name }), ...fixtureImports(),
      tensors: async ({ id }) => { const m = find(models, id); failing(); await wait(250); return fixtureTensors(m); }, norms: async function* ({ id }, { signal }) { yield* fixtureNorms(find(models, id), signal); },
      render: async ({ id, messages }) => { find(models, id); failing(); await wait(120); return fixtureRender(messages); },
      remove: ({ id, with_runs }) => { if (!with_runs && runs.some((r) => r.model_id === id)) throw new AnnealError('conflict', `The run "${runs.find((r) => r.model_id === id)?.name ?? ''}" was trained from this model: remove the run first.`); tell({ topic: 'model', id, record: null }); return { ok: true }; },
    },
    hub: fixtureHub(state === 'failed'),
    adapters: {
      inspect: async ({ path, model_id }) => { await wait(250); return adapterFacts(path, model_id === 'qwen-05' ? 'The layer "model.layers.0.self_attn.q_proj" is 576 by 576 in the adapter and 896 by 896 in this model.' : null); },
      import: ({ path, model_id, name }) => { const record = importedAdapter(path, model_id, name ?? 'polite-lora'); tell({ topic: 'checkpoint', id: record.id, record }); return record; },
      rename: ({ id, name }) => ({ ...importedAdapter('/home/ada/polite-lora', 'smol-135', name), id }), remove: ({ id }) => { tell({ topic: 'checkpoint', id, record: null }); return { ok: true }; },
    },
    datasets: {
      list: () => datasets, inspect: async ({ path, columns }) => { await wait(300); return datasetPreview(path, columns !== undefined && columns['output'] !== undefined); }, import: ({ name }) => ({ ...find(DATASETS, 'support'), id: `d-${Date.now()}`, name: name ?? 'tickets' }),
      rows: async ({ id, offset, limit, query }) => {
        failing();
        await wait(60);
        const d = find(datasets, id), all = Array.from({ length: d.rows }, (_, i) => i), found = query === undefined || query === '' ? all : all.filter((i) => JSON.stringify(row(d, i)).toLowerCase().includes(query.toLowerCase()));
        return { rows: found.slice(offset, offset + limit).map((i) => row(d, i)), total: found.length };
      },
      export: ({ id, format, file }) => ({ path: `/home/ada/.anneal/exports/${id}-${format}.${file}`, rows: find(datasets, id).rows, bytes: find(datasets, id).bytes }),
      rename: ({ id, name }) => ({ ...find(datasets, id), name }), remove: ({ id }) => { tell({ topic: 'dataset', id, record: null }); return { ok: true }; },
    },
    recipes: {
      check: () => ({ recipe: recipe(), issues: [], yaml: 'method: sft\nmodel: anneal-tiny\ndata:\n  train: world-instruct\n  eval: world-held-out\ntrain:\n  learning_rate: 0.002\n' }),
      review: async function* ({ recipe }) { for (let p = 0; p < 1; p += 0.25) { yield { progress: p, review: null }; await wait(150); } yield { progress: 1, review: placed(isSft(recipe) ? review() : pairReview(recipe)) }; },
      row: ({ index, recipe }) => (isSft(recipe) ? maskRow(index) : pairRow(index)), trial: async () => { await wait(1500); return { step_seconds: 0.54, tokens_per_second: 7581, peak_rss: 431e6, setup_seconds: 1.1, loss: 3.12, training_seconds: 94, evaluation_seconds: 18 }; },
    },
    runs: {
      list: () => runs, get: ({ id }) => find(runs, id), create: () => find(runs, 'r-live'), move: ({ id, to }) => { const others = runs.filter((r) => r.status === 'queued' && r.id !== id).toSorted((a, b) => (a.queue ?? 0) - (b.queue ?? 0)).map((r) => r.id); others.splice(to - 1, 0, id); for (const [i, x] of others.entries()) setRun(x, { queue: i + 1 }); return find(runs, id); }, pause: ({ id }) => setRun(id, { status: 'paused', note: 'Paused by you.' }), resume: ({ id }) => setRun(id, { status: 'running', note: null }), stop: ({ id }) => setRun(id, { status: 'stopped' }), rename: ({ id, name }) => setRun(id, { name }),
      remove: ({ id }) => { runs = runs.filter((r) => r.id !== id); tell({ topic: 'run', id, record: null }); return { ok: true }; },
      metrics: ({ id, names, x }) => {
        const r = find(runs, id), steps = Array.from({ length: r.step }, (_, i) => i + 1);
        return { seq: r.metric_seq, series: names.map((name) => {
          const own = preferenceSeries(id, name);
          if (own !== null) return own;
          const sparse = name.startsWith('eval_'), at = sparse ? steps.filter((s) => s % 50 === 0) : steps, noise = random(name.length + 3);
          const values = at.map((s) => preferenceValue(name, s, noise) ?? (r.method === 'dpo' && name.endsWith('loss') ? 0.69 - 0.3 * (1 - Math.exp(-s / 90)) + 0.03 * (noise() - 0.5) : name === 'loss' || name === 'eval_loss' ? curve(r.total_steps, 5, 3.1, 0.4)[s - 1] ?? 0 : name === 'learning_rate' ? 0.002 * Math.cos((s / r.total_steps) * 1.5) : name.includes('accuracy') ? 1 - Math.exp(-s / 150) * 0.7 - 0.05 * noise() : name === 'rss' ? 4.3e8 + 1e6 * noise() : name === 'tokens_per_second' ? 7400 + 300 * noise() : 0.7 + 0.4 * noise()));
          return { name, steps: at, x: at.map((s) => (x === 'tokens' ? s * 4096 : x === 'epoch' ? s / 300 : x === 'seconds' ? s * 0.55 : s)), mean: values, min: values.map((v) => v * 0.96), max: values.map((v) => v * 1.05), count: at.length };
        }) };
      },
      samples: ({ id }) => SAMPLES.filter((s) => s.run_id === id), log: ({ after }) => LOG.filter((l) => l.seq > after), checkpoints: ({ id }) => (empty ? [] : CHECKPOINTS.filter((c) => id === undefined || c.run_id === id)),
      watch: async function* ({ id }, { signal }) { for (;;) { const r = find(runs, id); yield { seq: r.metric_seq, step: r.step, log_seq: LOG.length, samples: SAMPLES.length }; try { await wait(1000, undefined, { signal }); } catch { return; } } },
    },
    chat: {
      generate: async function* ({ model_id, checkpoint_id, messages, prompt, sampling, options }, { signal }) {
        const asked = messages?.at(-1)?.content ?? prompt ?? '', answer = checkpoint_id === null ? `${asked} ${asked} The mill is near the river and the river is near the mill` : 'Excuse me, could you tell me the way to the mill, please?', words = answer.split(/(?<= )/);
        yield { type: 'start', weight_hash: checkpoint_id === null ? find(MODELS, model_id).weight_hash : 'e09d52b1', model: model_id, checkpoint: checkpoint_id, prompt_tokens: 24, template: 'anneal-tiny', prompt_text: `<|im_start|>user\n${asked}<|im_end|>\n<|im_start|>assistant\n`, cut: null };
        for (const [i, text] of words.entries()) { if (signal.aborted) return; yield { type: 'token', text, id: i, logprob: -0.1 * (i % 5), ...(options.top_logprobs > 0 ? { top: [{ id: i, text, logprob: -0.1 * (i % 5) }, ...['the ', 'a ', 'river '].map((x, j) => ({ id: 900 + j, text: x, logprob: -1.6 - j }))] } : {}) }; await wait(60); }
        yield { type: 'end', reason: words.length >= sampling.max_new_tokens ? 'length' : 'stop', cause: words.length >= sampling.max_new_tokens ? 'max_tokens' : 'eos', stop_string: null, complete: null, tokens: words.length, tokens_per_second: 33, mean_logprob: -0.41 };
      },
    },
    exports: fixtureExports(empty, tell),
    demo: { start: () => { theDemo = demo({ id: 'demo-2', status: 'base', progress: 0.06, run_id: null, started_at: Date.now(), ended_at: null, scores: [], difference: null, examples: [] }); tell({ topic: 'demo', id: theDemo.id, record: theDemo }); return theDemo; }, cancel: () => { theDemo = { ...(theDemo ?? demo()), status: 'cancelled', ended_at: Date.now() }; tell({ topic: 'demo', id: theDemo.id, record: theDemo }); return theDemo; }, latest: () => theDemo },
  };
}
