/** Speed of a transfer over its last seconds, from what arrived. */
const WINDOW_MS = 8000;
const LEAST_MS = 500;

export class Pace {
  #points: { at: number; bytes: number }[] = [];
  add(bytes: number, at: number = performance.now()): void {
    const last = this.#points.at(-1);
    if (last && bytes < last.bytes) this.#points = []; // began again
    if (last && at - last.at < 50) return;
    this.#points.push({ at, bytes });
    while (this.#points.length > 2 && at - (this.#points[0]?.at ?? at) > WINDOW_MS) this.#points.shift();
  }
  /** Bytes per second, or null until measured. */
  rate(): number | null {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    if (!first || !last || last.at - first.at < LEAST_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}
