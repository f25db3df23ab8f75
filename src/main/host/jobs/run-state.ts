/** The states of a run and what moves it from one to the next. Pure: time, engines and the store stand outside. An event that makes no sense in a state is refused with `run-state`. */
import { AnnealError } from '../../../shared/errors.ts';
import type { ErrorShape } from '../../../shared/errors.ts';
import type { RunStatus } from '../../../shared/schema/entities.ts';
import type { Verdict } from './resume-policy.ts';

export interface RunState { status: RunStatus; error: ErrorShape | null; note: string | null }

export type RunEvent =
  | { type: 'enqueue' }
  /** Its turn has come: an engine is being started. */
  | { type: 'begin' }
  | { type: 'started' }
  | { type: 'phase'; evaluating: boolean }
  | { type: 'ask-pause' }
  | { type: 'ask-stop' }
  | { type: 'done'; outcome: 'completed' | 'stopped' | 'paused'; error: ErrorShape | null; /** Why it was paused, when a health rule did it. */ why?: string | undefined }
  | { type: 'failed'; error: ErrorShape }
  /** The engine died; `verdict` is what the resume policy says. */
  | { type: 'crashed'; verdict: Verdict; error: ErrorShape }
  /** The host starts and finds the run as an earlier host left it. */
  | { type: 'found' };

/** An engine works on the run, or is being started for it. */
export const LIVE: readonly RunStatus[] = ['starting', 'running', 'evaluating', 'pausing', 'stopping'];
export const isLive = (status: RunStatus): boolean => LIVE.includes(status);
/** Nothing more happens by itself. */
export const isOver = (status: RunStatus): boolean => ['paused', 'stopped', 'failed', 'completed'].includes(status);
const RESUMABLE: readonly RunStatus[] = ['paused', 'stopped', 'interrupted', 'failed'];

const to = (status: RunStatus, note: string | null = null, error: ErrorShape | null = null): RunState => ({ status, note, error });

export function nextState(state: RunState, event: RunEvent): RunState {
  const { status } = state;
  const refuse = (wish: string): never => { throw new AnnealError('run-state', `The run is ${status} and cannot be ${wish} now.`, { status }); };
  switch (event.type) {
    case 'enqueue': return RESUMABLE.includes(status) ? to('queued') : refuse('resumed');
    case 'begin': return status === 'queued' || status === 'interrupted' ? to('starting') : refuse('started');
    case 'started': return status === 'starting' ? to('running') : isLive(status) ? state : refuse('trained');
    case 'phase':
      if (status === 'running' && event.evaluating) return to('evaluating');
      return status === 'evaluating' && !event.evaluating ? to('running') : state;
    case 'ask-pause':
      if (status === 'queued' || status === 'interrupted') return to('paused');
      return status === 'starting' || status === 'running' || status === 'evaluating' ? to('pausing') : status === 'pausing' || status === 'paused' ? state : refuse('paused');
    case 'ask-stop':
      if (status === 'queued' || status === 'interrupted' || status === 'paused') return to('stopped');
      return isLive(status) ? to('stopping') : status === 'stopped' ? state : refuse('stopped');
    case 'done':
      if (!isLive(status)) return refuse('ended');
      if (!event.error) return to(event.outcome, event.outcome === 'paused' ? event.why ?? null : null);
      return event.outcome === 'paused' ? to('paused', event.error.message, event.error) : to('failed', null, event.error);
    case 'failed':
      if (!isLive(status)) return refuse('ended');
      return event.error.code === 'disk-full' ? to('paused', event.error.message, event.error) : to('failed', null, event.error);
    case 'crashed':
      if (!isLive(status)) return refuse('ended');
      if (status === 'stopping') return to('stopped', 'The engine died before it could save; the last checkpoint is kept.', event.error);
      if (status === 'pausing') return to('paused', 'The engine died before it could save; the last checkpoint is kept.', event.error);
      return event.verdict.kind === 'retry' ? to('interrupted', event.verdict.note, event.error) : to('paused', event.verdict.note, event.error);
    case 'found':
      if (status === 'queued') return to('paused', 'It was waiting in the queue when Anneal was closed.');
      if (status === 'pausing') return to('paused', 'Anneal ended before it could save; the last checkpoint is kept.');
      if (status === 'stopping') return to('stopped', 'Anneal ended before it could save; the last checkpoint is kept.');
      return isLive(status) || status === 'interrupted' ? to('interrupted', 'Anneal ended while it ran; it can continue from the last checkpoint.') : state;
  }
}
