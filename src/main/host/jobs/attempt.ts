/** One life of an engine that works on a run: start it, hand it the job, commit what it tells, and say how it ended. */
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import type { Run } from '../../../shared/schema/entities.ts';
import type { Job } from '../../engine/protocol.ts';
import type { Store } from '../../store/open.ts';
import type { Engines, Lease } from '../engines.ts';
import { describeExit } from '../exit-words.ts';
import { HealthWatch, WATCHED_METRICS, type HealthNews } from './health-watch.ts';
import type { EngineExit } from '../exit-words.ts';
import type { RunNewsDesk } from './run-news.ts';
import { RunProgress } from './run-progress.ts';
import type { RunEvent } from './run-state.ts';

export type Ending = Extract<RunEvent, { type: 'done' | 'failed' }> | { type: 'crashed'; code: 'engine-crashed' | 'engine-start'; message: string };

export interface AttemptContext {
  store: Store;
  engines: Engines;
  news: RunNewsDesk;
  job(run: Run): Job | Promise<Job>;
  apply(id: string, event: RunEvent): Run;
  /** Asks the run to pause with a checkpoint, as a person would. */
  pause(id: string): void;
  /** Told once an engine can be asked to halt. */
  onLease(lease: Lease): void;
}

export async function runAttempt(ctx: AttemptContext, id: string): Promise<Ending> {
  const { store } = ctx;
  let lease: Lease;
  try { lease = await ctx.engines.acquire('train'); } catch (e) {
    const { code, message } = errorShape(e);
    return code === 'engine-start' ? { type: 'crashed', code, message } : { type: 'failed', error: { code, message } };
  }
  const run = store.runs.get(id);
  const progress = new RunProgress(store, ctx.news, run);
  try {
    store.durable(() => { store.runs.setPrivate(id, { engine_pid: lease.pid }); });
    const ending = await follow(ctx, id, lease, progress);
    progress.end();
    return ending;
  } catch (e) {
    try { progress.end(); } catch { /* the first error says why */ }
    if (e instanceof AnnealError && e.code === 'disconnected') return { type: 'crashed', code: 'engine-crashed', message: describeExit(await exitOf(lease)) };
    return { type: 'failed', error: errorShape(e) };
  } finally {
    lease.done();
    await Promise.race([lease.exited, pause(25_000)]); // two engines never write into one run's folder
    store.runs.setPrivate(id, { engine_pid: null });
  }
}

async function follow(ctx: AttemptContext, id: string, lease: Lease, progress: RunProgress): Promise<Ending> {
  const { store } = ctx;
  lease.onVital((vital) => { progress.stall(vital.state === 'stalled' ? vital : null); });
  const events = lease.api.train.run(await ctx.job(store.runs.get(id)));
  const watch = watchOf(store, store.runs.get(id));
  let ending: Ending | undefined, announced = false, why: string | undefined;
  for await (const event of events) {
    if (!announced) { announced = true; ctx.onLease(lease); }
    switch (event.type) {
      case 'start': progress.started(event); ctx.apply(id, { type: 'started' }); ctx.news.tell(id, event); break;
      case 'metric': lease.progress(event.step, event.seconds); progress.metric(event); why ??= tellHealth(ctx, id, progress, watch.add(event.step, event.values)); break;
      case 'sample': progress.sample(event); break;
      case 'checkpoint': progress.checkpoint(event); break;
      case 'phase': progress.flush(); ctx.apply(id, { type: 'phase', evaluating: event.phase === 'evaluate' }); break;
      case 'log': progress.log(event.level, event.text); break;
      case 'done':
        progress.flush();
        store.transaction(() => { store.runs.change(id, { step: event.step }); }); // after a roll-back it is below the last metric
        ending = { type: 'done', outcome: event.outcome, error: event.error, why };
        break;
    }
  }
  return ending ?? { type: 'failed', error: { code: 'internal', message: 'The engine ended the run without saying how.' } };
}

/** The watch of a run that may go on from a checkpoint: with what was measured up to there. */
function watchOf(store: Store, run: Run): HealthWatch {
  const before = run.step === 0 ? [] : store.metrics.series(run.id, { names: WATCHED_METRICS, x: 'step', points: 600, to: run.step });
  return new HealthWatch(run.recipe, Object.fromEntries(before.map((s) => [s.name, s.mean.map((value, i) => ({ step: s.steps[i] ?? 0, value }))])));
}

/** Says what began to hold, and pauses where the recipe asks for it; gives the reason of the pause. */
function tellHealth(ctx: AttemptContext, id: string, progress: RunProgress, news: readonly HealthNews[]): string | undefined {
  let why: string | undefined;
  for (const { finding, text, pauses } of news) {
    progress.log('warn', `Health (${finding.rule}), step ${finding.step}: ${text}`);
    if (pauses) why ??= `Paused by the health rule ${finding.rule}: ${text}`;
  }
  const { status } = ctx.store.runs.get(id);
  if (why === undefined || !['starting', 'running', 'evaluating'].includes(status)) return undefined;
  progress.log('warn', why);
  ctx.pause(id);
  return why;
}

async function exitOf(lease: Lease): Promise<EngineExit> {
  const late = pause(5000).then(() => { lease.kill(); return lease.exited; });
  return Promise.race([lease.exited, late]);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms).unref(); });
