/** The demo: answers of the embedded model on held-out rows, supervised fine-tuning, answers again, and what the difference is worth; then the same for alignment on pairs. One at a time; its record is written at every stage. */
import { readFile } from 'node:fs/promises';
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import type { Checkpoint, Dataset, Demo, Model, Run } from '../../../shared/schema/entities.ts';
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
import { compareAligned } from './compare-aligned.ts';
import type { AlignedSide } from './compare-aligned.ts';
import { ALL_TASKS, compareAnswers } from './compare-answers.ts';
import type { Answer } from './compare-answers.ts';

/** Twice the longest expected answer: who rambles longer is wrong anyway. */
const MAX_NEW_TOKENS = 24;
/** Rambling must be seen to be counted against an answer. */
const MAX_ALIGNED_TOKENS = 48;
const BATCH = 32;
/** Where the stages end, as a share of the whole, for the progress bar; without alignment, and with it. */
const SHORT = { base: [0, 0.15], training: [0.15, 0.85], tuned: [0.85, 1], aligning: [1, 1], aligned: [1, 1] } as const;
const WHOLE = { base: [0, 0.06], training: [0.06, 0.5], tuned: [0.5, 0.55], aligning: [0.6, 0.9], aligned: [0.9, 1] } as const;
type Stage = keyof typeof WHOLE;
interface Asked { dataset: string; tokens: number; /** Within the stage. */ from: number; to: number }

export interface DemoJobsOptions { store: Store; engines: Engines; runs: RunJobs; resolver: Resolver; embedded: Embedded; log: HostLog }

export class DemoJobs {
  readonly #o: DemoJobsOptions;
  #whole = false;
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
      const { model, heldout, recipe: file, alignment } = await embedded.demo();
      this.#whole = alignment !== null;
      const rows = { dataset: heldout.dir, tokens: MAX_NEW_TOKENS, from: 0, to: 1 };
      const start = async (recipeFile: string, more: Record<string, unknown>): Promise<Run> => {
        const recipe = parseRecipe(await readFile(recipeFile, 'utf8')) as Record<string, unknown>;
        const resolved = await resolver.recipe({ name: 'Demo', ...recipe, ...more });
        signal.throwIfAborted();
        const run = runs.create(resolved);
        runId = run.id;
        return run;
      };
      const base = await this.#answers(id, 'base', model, null, rows, signal);
      const run = await start(file, {});
      this.#change(id, { status: 'training', run_id: run.id });
      const checkpoint = await this.#train(id, 'training', run, signal);
      this.#change(id, { status: 'tuned' });
      const tuned = await this.#answers(id, 'tuned', model, checkpoint, rows, signal);
      const scores = compareAnswers(base, tuned);
      if (alignment === null) { this.#change(id, { status: 'done', progress: 1, ended_at: Date.now(), ...scores }); return; }

      this.#change(id, { status: 'aligning', ...scores });
      const before = await this.#side(id, model, checkpoint, alignment.heldout, signal);
      const second = await start(alignment.recipe, { checkpoint: checkpoint.id });
      this.#change(id, { align_run_id: second.id });
      const aligned = await this.#train(id, 'aligning', second, signal);
      this.#change(id, { status: 'aligned' });
      const after = await this.#side(id, model, aligned, alignment.heldout, signal);
      const again = compareAnswers(tuned, await this.#answers(id, 'aligned', model, aligned, { ...rows, from: 0.5 }, signal)), all = again.scores.find((s) => s.task === ALL_TASKS);
      if (!all || !again.difference) throw new AnnealError('internal', 'The answers after alignment could not be compared with those before.');
      this.#change(id, { status: 'done', progress: 1, ended_at: Date.now(), alignment: { run_id: second.id, ...compareAligned(before, after), exact_match: { n: all.n, value: all.tuned, low: all.tuned_low, high: all.tuned_high }, exact_match_change: again.difference } });
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

  #threads(): number { return this.#o.store.settings.get().threads || physicalCores(); }

  async #answers(id: string, stage: Stage, model: Model, checkpoint: Checkpoint | null, { dataset, tokens, from, to }: Asked, signal: AbortSignal): Promise<Answer[]> {
    const answers: Answer[] = [];
    const job = { model: reference(model, checkpoint), dataset_dir: dataset, max_new_tokens: tokens, batch: BATCH, threads: this.#threads() };
    for await (const part of this.#o.engines.stream('generate', (api) => api.generate.answers(job, { signal }))) {
      answers.push(...part.answers);
      this.#progress(id, stage, from + (to - from) * (part.total === 0 ? 0 : part.done / part.total));
    }
    signal.throwIfAborted();
    return answers;
  }

  /** What a model makes of the held-out pairs: how it ranks them, and its own answers. */
  async #side(id: string, model: Model, checkpoint: Checkpoint, { dir }: Dataset, signal: AbortSignal): Promise<AlignedSide> {
    const job = { model: reference(model, checkpoint), dataset_dir: dir, max_length: model.context, threads: this.#threads() };
    const { pairs } = await this.#o.engines.use('generate', (api) => api.generate.pairs(job, { signal }));
    signal.throwIfAborted();
    return { pairs, answers: await this.#answers(id, 'aligned', model, checkpoint, { dataset: dir, tokens: MAX_ALIGNED_TOKENS, from: 0, to: 0.5 }, signal) };
  }

  async #train(id: string, stage: Stage, run: Run, signal: AbortSignal): Promise<Checkpoint> {
    const { runs, store } = this.#o;
    for await (const now of runs.news.watch(run.id, () => store.runs.find(run.id), signal)) {
      if (!now) throw new AnnealError('not-found', 'The run of the demo was removed.');
      this.#progress(id, stage, now.total_steps === 0 ? 0 : now.step / now.total_steps);
      if (now.status === 'completed') break;
      if (isOver(now.status)) throw now.error ? AnnealError.from(now.error) : new AnnealError('cancelled', `The training run of the demo was ${now.status}.`);
    }
    signal.throwIfAborted();
    const checkpoint = store.checkpoints.latest(run.id);
    if (!checkpoint) throw new AnnealError('checkpoint-invalid', 'The training run of the demo left no checkpoint.');
    return checkpoint;
  }

  #progress(id: string, stage: Stage, share: number): void {
    const [from, to] = (this.#whole ? WHOLE : SHORT)[stage], progress = Math.round((from + (to - from) * Math.min(1, share)) * 1000) / 1000;
    if ((this.#o.store.demos.find(id)?.progress ?? 1) < progress) this.#change(id, { progress });
  }

  /** A demo that was cancelled or has ended is not touched any more. */
  #change(id: string, patch: Partial<Demo>): void {
    const demo = this.#o.store.demos.find(id);
    if (demo && demo.ended_at === null) this.#o.store.demos.put({ ...demo, ...patch });
  }
}

const reference = (model: Model, checkpoint: Checkpoint | null) => ({ folder: model.path, checkpoint: checkpoint ? { folder: checkpoint.path, kind: checkpoint.kind } : null, chat_template: null });
