/** One training at a time, in the order of asking unless moved. Holds ids only; what is done with them is the caller's. */
export class Queue {
  readonly #waiting: string[] = [];
  readonly #work: (id: string) => Promise<void>;
  readonly #onChange: () => void;
  #current: string | null = null;
  #closed = false;

  /** `work` must settle when the job has ended, and not throw. `onChange`: who waits, or in which order, has changed. */
  constructor(work: (id: string) => Promise<void>, onChange: () => void = () => undefined) { this.#work = work; this.#onChange = onChange; }

  get current(): string | null { return this.#current; }
  get waiting(): readonly string[] { return this.#waiting; }

  add(id: string): void {
    if (this.#closed || this.#current === id || this.#waiting.includes(id)) return;
    this.#waiting.push(id);
    this.#next();
    this.#onChange();
  }

  /** Takes a waiting job back. */
  remove(id: string): void {
    const at = this.#waiting.indexOf(id);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#onChange();
  }

  /** Puts a waiting job at place `to`, from 1; false when it does not wait. */
  move(id: string, to: number): boolean {
    const at = this.#waiting.indexOf(id);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    this.#waiting.splice(to - 1, 0, id);
    this.#onChange();
    return true;
  }

  close(): void { this.#closed = true; this.#waiting.length = 0; }

  #next(): void {
    if (this.#closed || this.#current !== null) return;
    const id = this.#waiting.shift();
    if (id === undefined) return;
    this.#current = id;
    const done = (): void => { this.#current = null; this.#next(); this.#onChange(); };
    this.#work(id).then(done, done);
  }
}
