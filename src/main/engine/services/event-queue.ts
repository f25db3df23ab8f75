/** Events of a synchronous producer as an async iterable. Unbounded: training emits a few events a second, and the consumer must not slow a step. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: unknown;

  push(item: T): void { this.#items.push(item); this.#wake?.(); }
  end(): void { this.#ended = true; this.#wake?.(); }
  fail(error: unknown): void { this.#error = error; this.end(); }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift() as T;
      if (this.#ended) break;
      await new Promise<void>((resolve) => { this.#wake = resolve; });
      this.#wake = undefined;
    }
    if (this.#error !== undefined) throw this.#error;
  }
}
