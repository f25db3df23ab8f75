/** Takes an attempt's events to the store: metrics in batches, at most ten commits a second; everything else at once, after the metrics that came before it. */
import { curveOf } from '../../../shared/methods/index.ts';
import { checkpoint } from '../../../shared/schema/entities.ts';
import type { Run } from '../../../shared/schema/entities.ts';
import type { EngineEvent } from '../../engine/protocol.ts';
import type { Store } from '../../store/open.ts';
import { newId } from '../ids.ts';
import { stallNote } from './liveness.ts';
import type { Vital } from './liveness.ts';
import type { RunNewsDesk } from './run-news.ts';

const BATCH_MS = 100;
/** A batch this long is committed without waiting. */
const BATCH_EVENTS = 1000;
const SPARK_MS = 1000;
const SPARK_POINTS = 60;

type Metric = Extract<EngineEvent, { type: 'metric' }>;
type CheckpointEvent = Extract<EngineEvent, { type: 'checkpoint' }>;

export class RunProgress {
  readonly #store: Store;
  readonly #news: RunNewsDesk;
  readonly #id: string;
  readonly #attempt: number;
  #waiting: Metric[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sparkAt = 0;
  #failure: unknown;
  #bestLoss = Infinity;
  #stallNote: string | null = null;
  #ended = false;

  constructor(store: Store, news: RunNewsDesk, run: Run) {
    this.#store = store;
    this.#news = news;
    this.#id = run.id;
    this.#attempt = run.attempt;
    for (const c of store.checkpoints.of(run.id)) this.#bestLoss = Math.min(this.#bestLoss, c.metrics['eval_loss'] ?? Infinity);
  }

  metric(event: Metric): void {
    this.#throwFailure();
    this.#waiting.push(event);
    if (this.#waiting.length >= BATCH_EVENTS) this.flush();
    else this.#timer ??= setTimeout(() => { try { this.flush(); } catch (e) { this.#failure = e; } }, BATCH_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#waiting, last = events.at(-1);
    if (!last) return;
    this.#waiting = [];
    const store = this.#store;
    store.transaction(() => {
      const refused = store.metrics.append(this.#id, this.#attempt, events.map((e) => ({ step: e.step, tokens: e.tokens, epoch: e.epoch, seconds: e.seconds, values: e.values })));
      if (refused > 0) store.logs.add(this.#id, 'warn', `${refused} metric values were left out: not finite, or of a step that was measured before.`);
      const run = store.runs.get(this.#id);
      store.runs.put({
        ...run, step: last.step, epoch: last.epoch, tokens: last.tokens, seconds: last.seconds, seconds_left: last.seconds_left ?? run.seconds_left,
        last: Object.assign({}, run.last, ...events.map((e) => e.values)) as Run['last'], metric_seq: run.metric_seq + events.length, best_step: this.#best(events) ?? run.best_step, spark: this.#spark() ?? run.spark,
      });
    });
    for (const event of events) this.#news.tell(this.#id, event);
  }

  started(event: Extract<EngineEvent, { type: 'start' }>): void {
    this.#store.transaction(() => { this.#store.runs.change(this.#id, { total_steps: event.total_steps, step: event.step }); });
  }

  /** While no step ends the run's note says so; null: steps go on, and the note is taken back. A run that is asked to stop keeps its own words. */
  stall(vital: Extract<Vital, { state: 'stalled' }> | null): void {
    if (this.#ended || (vital === null && this.#stallNote === null)) return;
    const store = this.#store, { status, note } = store.runs.get(this.#id), at = ['starting', 'running', 'evaluating'].includes(status);
    const next = vital === null || !at ? null : stallNote(vital, status === 'evaluating');
    if (next !== note && (next !== null || note === this.#stallNote)) {
      try { store.transaction(() => { store.runs.change(this.#id, { note: next }); }); } catch { return; /* no room on the disk, perhaps: the next look tries again */ }
      this.#news.tell(this.#id, { type: 'state', run: store.runs.get(this.#id) });
    }
    this.#stallNote = next;
  }

  sample(event: Extract<EngineEvent, { type: 'sample' }>): void {
    this.flush();
    const { type: _, ...fields } = event;
    this.#store.transaction(() => { this.#store.samples.add({ run_id: this.#id, attempt: this.#attempt, ...fields }); });
    this.#news.tell(this.#id, event);
  }

  log(level: 'info' | 'warn' | 'error', text: string): void {
    this.flush();
    this.#store.transaction(() => { this.#store.logs.add(this.#id, level, text); });
    this.#news.tell(this.#id, { type: 'log', level, text });
  }

  /** The row is on the disk before anybody hears of the checkpoint; its folder was complete before that. */
  checkpoint(event: CheckpointEvent): void {
    this.flush();
    const store = this.#store;
    store.durable(() => {
      const run = store.runs.get(this.#id), gone = new Set(event.removed);
      for (const c of store.checkpoints.of(this.#id)) if (gone.has(c.path) || c.path === event.path) store.checkpoints.remove(c.id);
      store.checkpoints.put(checkpoint.parse({ id: newId('ckp'), run_id: run.id, run_name: run.name, model_id: run.model_id, step: event.step, path: event.path, kind: event.kind, weight_hash: event.weight_hash, bytes: event.bytes, metrics: event.metrics, created_at: Date.now() }));
      store.runs.put({ ...run, durable_step: event.step });
      if (event.step > run.durable_step) store.runs.setPrivate(run.id, { failures: [] });
    });
    this.#news.tell(this.#id, event);
  }

  end(): void {
    this.#ended = true;
    this.#sparkAt = 0;
    this.flush();
    const spark = this.#spark();
    if (spark) this.#store.transaction(() => { this.#store.runs.change(this.#id, { spark, seconds_left: null }); });
    this.#store.metrics.close(this.#id);
    this.#throwFailure();
  }

  #best(events: readonly Metric[]): number | undefined {
    let step: number | undefined;
    for (const { step: s, values: { eval_loss: loss } } of events) if (loss !== undefined && loss < this.#bestLoss) { this.#bestLoss = loss; step = s; }
    return step;
  }

  #spark(): number[] | undefined {
    const now = Date.now();
    if (now - this.#sparkAt < SPARK_MS) return undefined;
    this.#sparkAt = now;
    return this.#store.metrics.series(this.#id, { names: [curveOf(this.#store.runs.get(this.#id).recipe.method)], x: 'step', points: SPARK_POINTS })[0]?.mean;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure as Error;
  }
}
