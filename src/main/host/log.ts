/** What the host reports about itself: a file that is kept small, and the last lines in memory for the diagnostics. */
import { appendFileSync, renameSync, statSync } from 'node:fs';

const MOST_BYTES = 2_000_000;
const REMEMBERED = 200;

export interface HostLog { info(text: string): void; warn(text: string): void; error(text: string, error?: unknown): void; tail(lines: number): string[] }

export function fileLog(path: string): HostLog {
  const lines: string[] = [];
  const add = (level: string, text: string): void => {
    const line = `${new Date().toISOString()} ${level} ${text}`;
    lines.push(line);
    if (lines.length > REMEMBERED) lines.shift();
    try {
      appendFileSync(path, `${line}\n`);
      if (statSync(path).size > MOST_BYTES) renameSync(path, `${path}.old`);
    } catch { /* a full disk must not stop the host; the lines are in memory */ }
  };
  return {
    info: (text) => { add('info', text); },
    warn: (text) => { add('warn', text); },
    error: (text, error) => { add('error', error === undefined ? text : `${text}: ${error instanceof Error ? error.stack ?? error.message : JSON.stringify(error)}`); },
    tail: (n) => lines.slice(-n),
  };
}
