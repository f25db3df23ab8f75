/**
 * Speaks for an engine while onnxruntime blocks its event loop: a worker thread writes once a second how long the loop has been blocked, straight to fd 1.
 * Resolution: one beat. Time in which the thread itself stood still (sleep of the machine, SIGSTOP) is not counted as blocked.
 */
import { Worker } from 'node:worker_threads';
import { BEAT_MS, BEAT_PREFIX } from './protocol.ts';

/** Text, not a file: the same from source and from a bundle of one file. A closed or full pipe loses the beat and nothing else. */
const THREAD = `
const { workerData: { counter, prefix, beatMs } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { performance } = require('node:perf_hooks');
let seen = -1, blocked = 0, last = performance.now();
const beat = () => {
  const now = performance.now(), count = Atomics.load(counter, 0);
  blocked = count === seen ? blocked + Math.min(now - last, 2 * beatMs) : 0;
  seen = count;
  last = now;
  try { writeSync(1, prefix + Math.round(blocked) + '\\n'); } catch {}
};
beat();
setInterval(beat, beatMs);
`;

/** Call once in an engine process. Keeps nothing alive. */
export function startWatchdog(): void {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => { Atomics.add(counter, 0, 1); }, BEAT_MS / 4).unref();
  const start = (): void => {
    const thread = new Worker(THREAD, { eval: true, name: 'watchdog', execArgv: [], workerData: { counter, prefix: BEAT_PREFIX, beatMs: BEAT_MS } });
    // Without it the host would take the engine for dead.
    thread.on('error', (e) => { console.error('watchdog:', e); setTimeout(start, BEAT_MS).unref(); });
    thread.unref();
  };
  start();
}
