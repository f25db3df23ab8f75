/** One training at a time, in the order of asking. Holds ids only; what is done with them is the caller's. */
export class Queue {
  readonly #waiting: string[] = [];
  readonly #work: (id: string) => Promise<void>;
  #current: string | null = null;
  #closed = false;

  /** `work` must settle when the job has ended, and not throw. */
  constructor(work: (id: string) => Promise<void>) { this.#work = work; }

  get current(): string | null { return this.#current; }
  get waiting(): readonly string[] { return this.#waiting; }

  add(id: string): void {
    if (this.#closed || this.#current === id || this.#waiting.includes(id)) return;
    this.#waiting.push(id);
    this.#next();
  }

  /** Takes a waiting job back. */
  remove(id: string): void {
    const at = this.#waiting.indexOf(id);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  close(): void { this.#closed = true; this.#waiting.length = 0; }

  #next(): void {
    if (this.#closed || this.#current !== null) return;
    const id = this.#waiting.shift();
    if (id === undefined) return;
    this.#current = id;
    const done = (): void => { this.#current = null; this.#next(); };
    this.#work(id).then(done, done);
  }
}
