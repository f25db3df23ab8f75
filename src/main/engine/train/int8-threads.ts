/** Rounds weights to 8 bit on several threads: each takes some columns of both copies, so that the codes are those of one thread. What is handed over lies in shared memory that is used again for the next layer. */

import { Worker } from 'node:worker_threads';
import { AnnealError } from '../../../shared/errors.ts';
import { roundColumns } from '../nn/int8-columns.ts';
import { rotationOf, type Int8Matrix, type MatrixSize } from '../nn/int8-weight.ts';
import { MAY_SLEEP } from '../optim/update-threads.ts';

type Job = Parameters<typeof roundColumns>;

/** Text, not a file: the same from source and from a bundle of one file. */
const THREAD = `
const { parentPort, workerData: { waiting } } = require('node:worker_threads');
const round = ${roundColumns.toString()};
parentPort.on('message', (jobs) => {
  for (const job of jobs) round(...job);
  Atomics.sub(waiting, 0, 1);
  Atomics.notify(waiting, 0);
});
`;
/** Columns that are worked on together (nn/int8-columns). */
const TILE = 64;
/** Weights from which on threads are worth starting. */
const MANY = 2 ** 23;
/** A thread that has not answered by then is dead. */
const PATIENCE_MS = 120_000;

export class Int8Threads {
  readonly #waiting = new Int32Array(new SharedArrayBuffer(4));
  readonly #data: Float32Array;
  readonly #codes: readonly [Int8Array, Int8Array];
  readonly #workers: Worker[];

  /** `count` threads in all, the caller's included; `longest` and `all`: weights of the largest layer, and of all that will be rounded. */
  constructor(count: number, longest: number, all: number) {
    this.#data = new Float32Array(new SharedArrayBuffer(longest * 4));
    this.#codes = [new Int8Array(new SharedArrayBuffer(longest)), new Int8Array(new SharedArrayBuffer(longest))];
    this.#workers = Array.from({ length: all < MANY ? 0 : Math.max(0, Math.floor(count) - 1) }, () => {
      const thread = new Worker(THREAD, { eval: true, name: 'int8', execArgv: [], workerData: { waiting: this.#waiting } });
      // It would keep a finished engine alive.
      thread.unref();
      return thread;
    });
  }

  /** Both copies of one layer; the codes are gone with the next. `turned`: `data` lies as [in, out]. */
  round(data: Float32Array, turned: boolean, forward: MatrixSize, backward: MatrixSize): { forward: Int8Matrix; backward: Int8Matrix } {
    this.#data.set(data);
    const copies = [forward, backward].map(({ k, n }, i): Int8Matrix => ({ k, n, codes: this.#codes[i]!.subarray(0, k * n), scales: new Float32Array(new SharedArrayBuffer(n * 4)) })) as [Int8Matrix, Int8Matrix];
    const shares = this.#workers.length + 1;
    const jobs = Array.from({ length: shares }, (_, i) => copies.map(({ k, n, codes, scales }, side): Job => {
      const cut = (at: number): number => Math.min(n, Math.floor((Math.ceil(n / TILE) * at) / shares) * TILE);
      return [this.#data.subarray(0, k * n), (side === 0) !== turned, k, n, rotationOf(k), codes, scales, cut(i), cut(i + 1)];
    }));
    Atomics.store(this.#waiting, 0, this.#workers.length);
    this.#workers.forEach((worker, i) => { worker.postMessage(jobs[i + 1]!); });
    for (const job of jobs[0]!) roundColumns(...job);
    const until = performance.now() + PATIENCE_MS;
    for (let left = Atomics.load(this.#waiting, 0); left > 0; left = Atomics.load(this.#waiting, 0)) {
      if (MAY_SLEEP) Atomics.wait(this.#waiting, 0, left, PATIENCE_MS);
      if (performance.now() > until) throw new AnnealError('runtime-failed', 'A thread that rounds weights to 8 bit does not answer; start the run again.');
    }
    return { forward: copies[0], backward: copies[1] };
  }

  dispose(): void {
    for (const worker of this.#workers) void worker.terminate();
  }
}
