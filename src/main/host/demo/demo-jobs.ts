/** The demo: answers of the embedded model on held-out rows, supervised fine-tuning, answers again, and what the difference is worth. One at a time; its record is written at every stage. */
import { readFile } from 'node:fs/promises';
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import type { Checkpoint, Demo, Model, Run } from '../../../shared/schema/entities.ts';
import type { Store } from '../../store/open.ts';
import type { Embedded } from '../embedded.ts';
import type { Engines } from '../engines.ts';
import { newId } from '../ids.ts';
import type { RunJobs } from '../jobs/run-jobs.ts';
import { isOver } from '../jobs/run-state.ts';
import type { HostLog } from '../log.ts';
import { physicalCores } from '../machine.ts';
import { parseRecipe } from '../recipe-file.ts';
import type { Resolver } from '../resolve.ts';
import { compareAnswers } from './compare-answers.ts';
import type { Answer } from './compare-answers.ts';

/** Twice the longest expected answer: who rambles longer is wrong anyway. */
const MAX_NEW_TOKENS = 24;
const BATCH = 32;
/** Shares of the whole that the three stages take, for the progress bar. */
const STAGES = { base: [0, 0.15], training: [0.15, 0.85], tuned: [0.85, 1] } as const;

export interface DemoJobsOptions { store: Store; engines: Engines; runs: RunJobs; resolver: Resolver; embedded: Embedded; log: HostLog }

export class DemoJobs {
  readonly #o: DemoJobsOptions;
  #current: { id: string; abort: AbortController; done: Promise<void> } | undefined;

  constructor(options: DemoJobsOptions) {
    this.#o = options;
    for (const demo of options.store.demos.list()) {
      if (demo.ended_at === null) options.store.demos.put({ ...demo, status: 'failed', ended_at: Date.now(), error: { code: 'unavailable', message: 'Anneal was closed while the demo ran. Start it again; its training run is kept.' } });
    }
  }

  latest(): Demo | null { return this.#o.store.demos.list().toSorted((a, b) => a.started_at - b.started_at).at(-1) ?? null; }

  async start(): Promise<Demo> {
    const { store } = this.#o;
    if (this.#current?.abort.signal.aborted === true) await this.#current.done; // cancelled, and still letting go of the engine
    if (this.#current) return store.demos.get(this.#current.id);
    const demo = store.demos.put({ id: newId('demo'), status: 'base', run_id: null, progress: 0, started_at: Date.now(), ended_at: null, scores: [], difference: null, examples: [], error: null });
    const abort = new AbortController();
    this.#current = { id: demo.id, abort, done: this.#run(demo.id, abort.signal).finally(() => { this.#current = undefined; }) };
    return demo;
  }

  cancel(id: string): Demo {
    const demo = this.#o.store.demos.get(id);
    if (this.#current?.id !== id) return demo;
    this.#current.abort.abort();
    return this.#o.store.demos.put({ ...demo, status: 'cancelled', ended_at: Date.now() });
  }

  async close(): Promise<void> {
    const current = this.#current;
    if (!current) return;
    current.abort.abort();
    await current.done;
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { store, embedded, runs, resolver, log } = this.#o;
    let runId: string | null = null;
    try {
      const { model, heldout, recipe: file } = await embedded.demo();
      const base = await this.#answers(id, 'base', model, null, heldout.dir, signal);
      const recipe = parseRecipe(await readFile(file, 'utf8')) as Record<string, unknown>;
      const resolved = await resolver.recipe({ name: 'Demo', ...recipe });
      signal.throwIfAborted();
      const run = runs.create(resolved);
      runId = run.id;
      this.#change(id, { status: 'training', run_id: runId });
      const checkpoint = await this.#train(id, run, signal);
      this.#change(id, { status: 'tuned' });
      const tuned = await this.#answers(id, 'tuned', model, checkpoint, heldout.dir, signal);
      this.#change(id, { status: 'done', progress: 1, ended_at: Date.now(), ...compareAnswers(base, tuned) });
    } catch (e) {
      const run = runId === null ? undefined : store.runs.find(runId);
      if (signal.aborted && run && !isOver(run.status)) { try { runs.stop(run.id); } catch (f) { log.error('stopping the run of the demo', f); } }
      const demo = store.demos.find(id);
      if (!demo || demo.ended_at !== null) return;
      const cancelled = signal.aborted;
      this.#change(id, cancelled ? { status: 'cancelled', ended_at: Date.now() } : { status: 'failed', ended_at: Date.now(), error: errorShape(e) });
      if (!cancelled) log.error('demo', e);
    }
  }

  async #answers(id: string, stage: 'base' | 'tuned', model: Model, checkpoint: Checkpoint | null, dataset: string, signal: AbortSignal): Promise<Answer[]> {
    const { engines, store } = this.#o, answers: Answer[] = [];
    const threads = store.settings.get().threads || physicalCores();
    const job = { model: { folder: model.path, checkpoint: checkpoint ? { folder: checkpoint.path, kind: checkpoint.kind } : null, chat_template: null }, dataset_dir: dataset, max_new_tokens: MAX_NEW_TOKENS, batch: BATCH, threads };
    for await (const part of engines.stream('generate', (api) => api.generate.answers(job, { signal }))) {
      answers.push(...part.answers);
      this.#progress(id, stage, part.total === 0 ? 0 : part.done / part.total);
    }
    signal.throwIfAborted();
    return answers;
  }

  async #train(id: string, run: Run, signal: AbortSignal): Promise<Checkpoint> {
    const { runs, store } = this.#o;
    for await (const now of runs.news.watch(run.id, () => store.runs.find(run.id), signal)) {
      if (!now) throw new AnnealError('not-found', 'The run of the demo was removed.');
      this.#progress(id, 'training', now.total_steps === 0 ? 0 : now.step / now.total_steps);
      if (now.status === 'completed') break;
      if (isOver(now.status)) throw now.error ? AnnealError.from(now.error) : new AnnealError('cancelled', `The training run of the demo was ${now.status}.`);
    }
    signal.throwIfAborted();
    const checkpoint = store.checkpoints.latest(run.id);
    if (!checkpoint) throw new AnnealError('checkpoint-invalid', 'The training run of the demo left no checkpoint.');
    return checkpoint;
  }

  #progress(id: string, stage: keyof typeof STAGES, share: number): void {
    const [from, to] = STAGES[stage], progress = Math.round((from + (to - from) * Math.min(1, share)) * 1000) / 1000;
    if ((this.#o.store.demos.find(id)?.progress ?? 1) < progress) this.#change(id, { progress });
  }

  /** A demo that was cancelled or has ended is not touched any more. */
  #change(id: string, patch: Partial<Demo>): void {
    const demo = this.#o.store.demos.find(id);
    if (demo && demo.ended_at === null) this.#o.store.demos.put({ ...demo, ...patch });
  }
}
