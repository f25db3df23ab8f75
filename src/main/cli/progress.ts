/** Progress for people: one line that is redrawn on a screen, or a plain line every few seconds in a pipe. Writes to the error stream, so that results stay alone on the output. */
import { formatDuration } from '../../shared/units.ts';
import type { Io } from './command.ts';

const REDRAW_MS = 100;
const PLAIN_MS = 5000;
const BAR = 24;

export interface Progress {
  /** `share` from 0 to 1; `facts` such as "loss 1.23". */
  update(share: number, facts: readonly string[], secondsLeft: number | null): void;
  /** A line that stays. */
  say(text: string): void;
  end(): void;
}

export function progress(io: Io, label: string, now: () => number = Date.now): Progress {
  let last = -Infinity, drawn = false, waiting: string | undefined;
  const clear = (): void => { if (drawn) { io.err('\r\u001b[2K'); drawn = false; } };
  const draw = (text: string): void => { clear(); io.err(text); drawn = true; };
  return {
    update: (share, facts, secondsLeft) => {
      const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR), left = secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`];
      if (io.tty) waiting = [`${label} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${Math.floor(share * 100)} %`, ...facts, ...left].join('  ').slice(0, Math.max(20, io.columns() - 1));
      else waiting = `${[label, `${Math.floor(share * 100)} %`, ...facts, ...left].join(', ')}\n`;
      if (now() - last < (io.tty ? REDRAW_MS : PLAIN_MS)) return;
      last = now();
      if (io.tty) draw(waiting); else io.err(waiting);
      waiting = undefined;
    },
    say: (text) => { clear(); io.err(`${text}\n`); },
    end: () => {
      if (waiting !== undefined) { if (io.tty) draw(waiting); else io.err(waiting); waiting = undefined; }
      if (drawn) { io.err('\n'); drawn = false; }
    },
  };
}
