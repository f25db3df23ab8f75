/** From a callback to an async iterable, without an endless queue: of items with one key only the newest waits. */
export interface Latest<T> { push(key: string, item: T): void; end(): void; items(signal: AbortSignal): AsyncGenerator<T, void, undefined> }

export function latest<T>(): Latest<T> {
  const waiting = new Map<string, T>();
  let wake: (() => void) | undefined, ended = false;
  const notify = (): void => { wake?.(); wake = undefined; };
  return {
    push: (key, item) => {
      waiting.delete(key); // the newest goes to the end
      waiting.set(key, item);
      notify();
    },
    end: () => { ended = true; notify(); },
    async *items(signal) {
      signal.addEventListener('abort', notify, { once: true });
      while (!signal.aborted) {
        for (const [key, item] of waiting) { waiting.delete(key); yield item; if (signal.aborted) return; }
        if (ended) return;
        await new Promise<void>((resolve) => { wake = resolve; if (waiting.size > 0 || signal.aborted || ended) notify(); });
      }
    },
  };
}
