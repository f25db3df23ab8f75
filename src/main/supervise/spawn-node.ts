/** Children as plain Node processes: headless, the command line, tests, and under an Electron whose Node is too old for the store. */
import { fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createMux } from '../../shared/rpc/mux.ts';
import { ipcChannel } from '../../shared/rpc/process-channel.ts';
import { childEntry } from './child-entry.ts';
import { childEnvironment, classifyExit, LineTail } from './spawner.ts';
import type { ChildExit, ChildSpec, SpawnedChild, Spawner } from './spawner.ts';

const LAST_LINES_MS = 300;
const streamEnd = (s: Readable | null): Promise<unknown> => (s && !s.readableEnded ? new Promise((r) => { s.once('close', r); }) : Promise.resolve());

export interface NodeSpawnerOptions {
  /** The Node binary; default: `ANNEAL_ENGINE_NODE`, else the Node that runs this. */
  execPath?: string;
  /** For tests: another file than the entry's. */
  entryFile?: (spec: ChildSpec) => string;
}

export function nodeSpawner(options: NodeSpawnerOptions = {}): Spawner {
  const execPath = options.execPath ?? process.env['ANNEAL_ENGINE_NODE'] ?? process.execPath;
  return { kind: 'node', spawn: (spec) => spawnNode(spec, execPath, options.entryFile?.(spec) ?? childEntry(spec.entry)) };
}

function spawnNode(spec: ChildSpec, execPath: string, file: string): SpawnedChild {
  const child = fork(file, spec.args ?? [], {
    execPath, execArgv: [], serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: childEnvironment(process.env, { ...spec.env, ANNEAL_CHILD: spec.name }),
  });
  const lines = new LineTail(), mux = createMux(ipcChannel(child), 0);
  for (const out of [child.stdout, child.stderr]) out?.setEncoding('utf8').on('data', (chunk: string) => { lines.push(chunk); });
  const asked = { released: false, killed: false };
  let exit: ChildExit | undefined;
  const listeners: ((exit: ChildExit) => void)[] = [];
  const ended = (value: ChildExit): void => {
    if (exit) return;
    exit = value;
    mux.close();
    for (const fn of listeners.splice(0)) fn(value);
  };
  child.on('error', (e) => { if (child.pid === undefined) ended({ code: null, signal: null, reason: 'not-started', tail: [e.message] }); });
  child.on('exit', (code, signal) => {
    // Wait for the last lines; not for 'close', which does not come when we disconnected first. A grandchild that kept the pipe must not hold us up.
    void Promise.race([Promise.all([child.stdout, child.stderr].map(streamEnd)), delay(LAST_LINES_MS)]).then(() => {
      lines.flush();
      ended({ code, signal, reason: classifyExit(code, signal, lines.tail, asked), tail: lines.tail });
    });
  });
  return {
    name: spec.name,
    get pid() { return child.pid; },
    open: (label) => mux.open(label),
    onExit: (fn) => { if (exit) fn(exit); else listeners.push(fn); },
    onLine: (fn) => { lines.onLine(fn); },
    release: () => { asked.released = true; mux.close(); },
    kill: () => { asked.killed = true; child.kill('SIGKILL'); },
  };
}
