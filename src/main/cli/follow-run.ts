/** Stays with a run until it is over: progress for people, events for scripts, Ctrl-C to finish the step, save and leave. */
import { AnnealError } from '../../shared/errors.ts';
import type { Run } from '../../shared/schema/entities.ts';
import { formatDuration, formatValue } from '../../shared/units.ts';
import type { Host } from '../host/host.ts';
import type { RunNews } from '../host/jobs/run-news.ts';
import { isOver } from '../host/jobs/run-state.ts';
import type { Io } from './command.ts';
import { eventLine } from './events-file.ts';
import type { EventsFile } from './events-file.ts';
import { progress } from './progress.ts';
import { self } from './self.ts';

export interface FollowOptions { events: EventsFile; quiet: boolean; json: boolean; io: Io }
const EXIT: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

export async function followRun(host: Host, id: string, options: FollowOptions): Promise<number> {
  const { io, events, quiet } = options, { runs, store } = host.context;
  const bar = progress(io, store.runs.get(id).name);
  let asked: NodeJS.Signals | undefined;
  const ask = (signal: NodeJS.Signals): void => {
    if (asked !== undefined) process.exit(EXIT[signal] ?? 1); // twice: at once; the last checkpoint stays
    asked = signal;
    bar.say('Finishing the step and saving; once more ends at once.');
    try { runs.pause(id); } catch { /* it has just ended */ }
  };
  const signals = Object.keys(EXIT) as NodeJS.Signals[];
  for (const signal of signals) process.on(signal, ask);
  try {
    const run = await new Promise<Run>((resolve) => {
      const over = (r: Run): boolean => isOver(r.status);
      const hear = (news: RunNews): void => {
        const line = eventLine(news, store.runs.get(id));
        if (line) events.write(line);
        if (!quiet) show(news, store.runs.get(id), bar);
        if (news.type === 'state' && over(news.run)) { stop(); resolve(news.run); }
      };
      const stop = runs.news.follow(id, hear);
      const now = store.runs.get(id);
      if (over(now)) { stop(); resolve(now); }
    });
    bar.end();
    return conclude(host, run, asked, options);
  } finally { for (const signal of signals) process.off(signal, ask); }
}

function show(news: RunNews, run: Run, bar: ReturnType<typeof progress>): void {
  switch (news.type) {
    case 'start': if (run.attempt > 1) bar.say(`Continues at step ${news.step} of ${news.total_steps}.`); return;
    case 'metric': {
      const facts = [`step ${run.step}/${run.total_steps}`, ...['loss', 'eval_loss'].flatMap((name) => { const v = run.last[name]; return v === undefined ? [] : [`${name} ${formatValue(v)}`]; })];
      const speed = run.last['tokens_per_second'];
      bar.update(run.total_steps === 0 ? 0 : run.step / run.total_steps, [...facts, ...(speed === undefined ? [] : [`${formatValue(Math.round(speed))} tokens/s`])], run.seconds_left);
      return;
    }
    // Before the first step: what was planned, and why.
    case 'log': if (news.level !== 'info') bar.say(`${news.level}: ${news.text}`); else if (run.step === 0) bar.say(news.text); return;
    case 'state': if (news.run.status === 'interrupted' && news.run.note !== null) bar.say(news.run.note); return;
    default:
  }
}

function conclude({ context: { store } }: Host, run: Run, asked: NodeJS.Signals | undefined, { events, json, io }: FollowOptions): number {
  const checkpoint = store.checkpoints.latest(run.id), failed = run.status !== 'completed';
  const summary = { run: run.id, name: run.name, status: run.status, step: run.step, total_steps: run.total_steps, seconds: run.seconds, checkpoint: checkpoint?.path ?? null, checkpoint_id: checkpoint?.id ?? null, weight_hash: checkpoint?.weight_hash ?? null, metrics: run.last };
  const saved = checkpoint ? `saved at step ${checkpoint.step}` : 'nothing saved yet';
  const problem = run.error ?? (asked === undefined && failed ? { code: 'run-state' as const, message: run.note ?? `The run is ${run.status}.` } : null);
  if (problem) events.write({ type: 'error', code: problem.code, message: problem.message, run: run.id, step: run.step });
  else events.write({ type: 'done', ...summary });
  if (json) io.out(`${JSON.stringify({ ...summary, error: problem })}\n`);
  else {
    io.out(`run ${run.id}\n`);
    if (checkpoint) io.out(`checkpoint ${checkpoint.path}\n`);
    if (!failed) io.err(`${run.name}: ${run.step} steps in ${formatDuration(run.seconds)}.\n`);
  }
  if (asked !== undefined && run.status === 'paused') {
    io.err(`Paused at step ${run.step}, ${saved}. Continue with: ${self()} resume ${run.id}\n`);
    return EXIT[asked] ?? 1;
  }
  if (problem) throw new AnnealError(problem.code, run.note?.startsWith(problem.message) === true ? run.note : problem.message);
  return 0;
}

