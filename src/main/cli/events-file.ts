/** Events of a run as JSON lines, for scripts: start (once for each attempt), metric, sample, checkpoint, done, error. Each line is written whole and at once; the file grows, so that a resumed run continues it. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AnnealError, errorShape } from '../../shared/errors.ts';
import type { Run } from '../../shared/schema/entities.ts';
import type { RunNews } from '../host/jobs/run-news.ts';

export type RunEventLine = { type: 'start' | 'metric' | 'sample' | 'checkpoint' | 'done' | 'error' } & Record<string, unknown>;

export interface EventsFile {
  write(line: RunEventLine): void;
  /** What ended everything, unless an error was written before. */
  fail(error: unknown): void;
}

export function eventsFile(path: string | undefined): EventsFile {
  if (path === undefined) return { write: () => { /* nobody asked */ }, fail: () => { /* nobody asked */ } };
  const file = resolve(path);
  try { mkdirSync(dirname(file), { recursive: true }); appendFileSync(file, ''); } catch (e) { throw new AnnealError('file-unreadable', `The events file "${path}" cannot be written: ${e instanceof Error ? e.message : String(e)}.`, {}, { cause: e }); }
  let failed = false;
  const write = (line: RunEventLine): void => { failed ||= line.type === 'error'; appendFileSync(file, `${JSON.stringify(line)}\n`); };
  return { write, fail: (error) => { if (!failed) { const { code, message } = errorShape(error); write({ type: 'error', code, message }); } } };
}

/** The line of one piece of news, or null for what scripts do not need. The end of a run is written by whoever follows it: only they know the exit status. */
export function eventLine(news: RunNews, run: Run): RunEventLine | null {
  switch (news.type) {
    case 'start': return { type: 'start', run: run.id, name: run.name, attempt: run.attempt, step: news.step, total_steps: news.total_steps, rows: news.rows, trainable_parameters: news.trainable_parameters, setup_seconds: news.setup_seconds, planned_bytes: news.planned_bytes };
    case 'metric': return { type: 'metric', step: news.step, epoch: news.epoch, num_tokens: news.tokens, seconds: news.seconds, values: news.values };
    case 'sample': return { type: 'sample', step: news.step, index: news.index, prompt: news.prompt, text: news.text, tokens: news.tokens, reason: news.reason, seed: news.seed };
    case 'checkpoint': return { type: 'checkpoint', step: news.step, path: news.path, kind: news.kind, weight_hash: news.weight_hash, bytes: news.bytes, metrics: news.metrics };
    case 'state': case 'log': case 'phase': case 'reference': case 'done': return null;
  }
}
