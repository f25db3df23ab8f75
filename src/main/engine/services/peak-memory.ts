/** The largest resident memory of this process since it was asked, in bytes: looked at by a timer, and whenever the work comes by. */
const EVERY_MS = 50;

export class PeakMemory {
  #peak = 0;
  readonly #timer: NodeJS.Timeout;
  constructor() {
    this.#timer = setInterval(() => { this.look(); }, EVERY_MS);
    this.#timer.unref();
    this.look();
  }
  /** Looks now, and gives the peak so far. */
  look(): number { return this.#peak = Math.max(this.#peak, process.memoryUsage.rss()); }
  stop(): void { clearInterval(this.#timer); }
}
