/** Starting a child process and talking to it, whatever starts it: plain Node here, Electron's utilityProcess in the shell, or the shell on behalf of the host (`brokered`). */
import type { Channel } from '../../shared/rpc/channel.ts';

export type EntryName = 'host' | 'engine';
export interface ChildSpec {
  entry: EntryName;
  /** For people and logs: `host`, `train`, `generate`, `data`. */
  name: string;
  args?: string[];
  /** Added to the few variables that every child gets. */
  env?: Record<string, string>;
}

export interface ChildExit {
  code: number | null;
  signal: string | null;
  /** `clean`: asked to end, and code 0. `memory`: the system or V8 ended it for want of memory. `not-started`: the process could not be made. */
  reason: 'clean' | 'error' | 'killed' | 'memory' | 'not-started';
  /** The last lines that it wrote. */
  tail: string[];
}

export interface SpawnedChild {
  readonly name: string;
  readonly pid: number | undefined;
  /** A new channel to the child, which sees the label. May be used at once; messages wait until the child listens. */
  open(label: string): Channel;
  /** Called once, also when it has ended before. All its channels close too. */
  onExit(fn: (exit: ChildExit) => void): void;
  /** Each line of its output. */
  onLine(fn: (line: string) => void): void;
  /** Closes the parent link: the child finishes what it must and exits. */
  release(): void;
  kill(): void;
}

export interface Spawner {
  readonly kind: 'node' | 'utility' | 'brokered';
  spawn(spec: ChildSpec): SpawnedChild;
}

/** What a child inherits from our environment: enough to find libraries, devices, folders and language; no secrets that happen to be set. */
const INHERITED = /^(PATH|HOME|USERPROFILE|LANG|LANGUAGE|LC_.*|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|APPDATA|LOCALAPPDATA|XDG_.*|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|CUDA_.*|NVIDIA_.*|VK_.*|OMP_.*|ANNEAL_.*|NODE_ENV|NODE_V8_COVERAGE|VITEST)$/i;
export function childEnvironment(own: Record<string, string | undefined>, extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(own).filter((e): e is [string, string] => e[1] !== undefined && INHERITED.test(e[0]));
  // onnxruntime's own telemetry is off before the library is loaded (engine/runtime/no-telemetry.ts says why).
  return { ...Object.fromEntries(kept), ...extra, ORT_DISABLE_TELEMETRY: '1' };
}

/** A line that begins with the record separator is a signal between programs: it also begins a line, and is passed on but not remembered. */
const SIGNAL = '\u001e';
const LINE_END = new RegExp(`\\r?\\n|(?=${SIGNAL})`);

/** Splits output into lines and remembers the last ones. */
export class LineTail {
  readonly tail: string[] = [];
  #rest = '';
  #listeners: ((line: string) => void)[] = [];
  readonly #keep: number;
  constructor(keep = 60) { this.#keep = keep; }
  onLine(fn: (line: string) => void): void { this.#listeners.push(fn); }
  push(chunk: string): void {
    const lines = (this.#rest + chunk).split(LINE_END);
    this.#rest = (lines.pop() ?? '').slice(-10_000);
    for (const line of lines) this.#emit(line);
  }
  flush(): void { if (this.#rest !== '') { const last = this.#rest; this.#rest = ''; this.#emit(last); } }
  #emit(line: string): void {
    if (!line.startsWith(SIGNAL)) this.tail.push(line);
    if (this.tail.length > this.#keep) this.tail.shift();
    for (const fn of this.#listeners) fn(line);
  }
}

/** V8's and onnxruntime's words for "no memory left" in the last lines, or the system's way to say it (SIGKILL that we did not send). */
export function classifyExit(code: number | null, signal: string | null, tail: string[], asked: { released: boolean; killed: boolean }): ChildExit['reason'] {
  if (asked.killed) return 'killed';
  // Older Electrons report 0 for a utility process that was killed: only an end that was asked for is clean.
  if (code === 0 && asked.released) return 'clean';
  if (tail.some((l) => /heap out of memory|bad_alloc|std::bad_alloc|Failed to allocate memory|ENOMEM/i.test(l))) return 'memory';
  return signal === 'SIGKILL' ? 'killed' : 'error';
}
