/**
 * A client that outlives its connections: dials, waits a growing while after a failure, dials again. Requests made while it is not connected wait for
 * `waitMs`; requests that were open when a connection broke fail with `disconnected` and are never sent twice.
 */
import { AnnealError, errorShape } from '../errors.ts';
import type { Channel } from './channel.ts';
import { cancelled, clientTree, createClient, disconnected } from './client.ts';
import type { ClientOptions, RpcClient } from './client.ts';
import type { Client, Contract } from './define.ts';
import type { Hello } from './protocol.ts';

export type LinkState =
  /** `reason`: why the last attempt failed, when more is known than that nobody answered. */
  | { status: 'connecting'; attempt: number; reason?: AnnealError }
  | { status: 'open'; hello: Hello }
  /** The page is older or newer than its host: only a reload helps. */
  | { status: 'outdated' }
  /** Dialling can't succeed as things are (for example a missing key); `error` says why. */
  | { status: 'refused'; error: AnnealError };

export interface Link<C extends Contract> {
  readonly api: Client<C>;
  readonly state: LinkState;
  /** Calls with each new state; returns the unsubscriber. */
  onState(fn: (state: LinkState) => void): () => void;
  close(): void;
}
export interface LinkOptions extends ClientOptions { waitMs?: number; delaysMs?: readonly number[] }

export function createLink<C extends Contract>(contract: C, dial: () => Promise<Channel>, options: LinkOptions = {}): Link<C> {
  const { waitMs = 15_000, delaysMs = [100, 250, 500, 1000, 2000] } = options;
  const listeners = new Set<(state: LinkState) => void>();
  let state: LinkState = { status: 'connecting', attempt: 0 };
  let current: RpcClient<C> | undefined, closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const become = (next: LinkState): void => { state = next; for (const fn of listeners) fn(next); };
  const connect = async (attempt: number): Promise<void> => {
    try {
      const channel = await dial();
      if (closed) { channel.close(); return; }
      const client = createClient(contract, channel, options);
      const hello = await client.hello;
      current = client;
      client.onClosed((reason) => { current = undefined; retry(0, reason); });
      become({ status: 'open', hello });
    } catch (e) { retry(attempt + 1, e); }
  };
  const retry = (attempt: number, reason: unknown): void => {
    if (closed) return;
    const { code, message } = errorShape(reason);
    if (code === 'version-mismatch') { become({ status: 'outdated' }); return; }
    if (code === 'unauthorized') { become({ status: 'refused', error: new AnnealError(code, message) }); return; }
    become({ status: 'connecting', attempt, ...(code === 'disconnected' || code === 'internal' ? {} : { reason: new AnnealError(code, message) }) });
    timer = setTimeout(() => { void connect(attempt); }, attempt === 0 ? 0 : delaysMs[Math.min(attempt - 1, delaysMs.length - 1)]);
  };
  const whenOpen = (signal: AbortSignal | undefined): Promise<RpcClient<C>> => new Promise((resolve, reject) => {
    if (signal?.aborted === true) { reject(cancelled()); return; }
    const settle = (): boolean => {
      if (closed) finish(() => { reject(cancelled()); });
      else if (current) { const client = current; finish(() => { resolve(client); }); }
      else if (state.status === 'outdated') finish(() => { reject(new AnnealError('version-mismatch', 'This page belongs to another version of the program: reload it.')); });
      else if (state.status === 'refused') { const { error } = state; finish(() => { reject(error); }); }
      else return false;
      return true;
    };
    let wait: ReturnType<typeof setTimeout> | undefined;
    const onAbort = (): void => { finish(() => { reject(cancelled()); }); };
    const finish = (then: () => void): void => { clearTimeout(wait); listeners.delete(settle); signal?.removeEventListener('abort', onAbort); then(); };
    if (settle()) return;
    wait = setTimeout(() => { finish(() => { reject(disconnected()); }); }, waitMs);
    listeners.add(settle);
    signal?.addEventListener('abort', onAbort, { once: true });
  });

  void connect(0);
  return {
    api: clientTree(contract, {
      call: async (name, def, input, request) => (current ?? await whenOpen(request?.signal)).requester.call(name, def, input, request),
      stream: (name, def, input, request) => ({
        [Symbol.asyncIterator]: () => {
          let inner: AsyncIterator<unknown> | undefined, over = false;
          return {
            next: async () => {
              if (over) return { done: true, value: undefined };
              inner ??= (current ?? await whenOpen(request?.signal)).requester.stream(name, def, input, request)[Symbol.asyncIterator]();
              return inner.next();
            },
            return: async () => { over = true; await inner?.return?.(); return { done: true, value: undefined }; },
          };
        },
      }),
    }),
    get state() { return state; },
    onState: (fn) => { listeners.add(fn); return () => { listeners.delete(fn); }; },
    close: () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      const client = current;
      current = undefined;
      client?.close();
      become(state);
    },
  };
}

/** Repeats a stream across broken connections: `open` is given the last item seen, so that it can ask for what comes after. Ends when the stream ends or `signal` aborts. */
export async function* resuming<T>(open: (last: T | undefined) => AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
  let last: T | undefined;
  for (;;) {
    try {
      for await (const item of open(last)) { last = item; yield item; }
      return;
    } catch (e) {
      if (signal?.aborted === true) return;
      if (!(e instanceof AnnealError) || e.code !== 'disconnected') throw e;
    }
  }
}
