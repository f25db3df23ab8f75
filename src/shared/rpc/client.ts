/** The consuming end of a contract over one channel. When the channel closes, everything open fails with `disconnected`; `link.ts` adds reconnecting. */
import { AnnealError } from '../errors.ts';
import type { Channel } from './channel.ts';
import { contractHash, isDef } from './define.ts';
import type { CallDef, Client, Contract, RequestOptions, StreamDef } from './define.ts';
import { isFrame, PROTOCOL_VERSION, STREAM_CREDIT } from './protocol.ts';
import type { Frame, Hello } from './protocol.ts';

export interface ClientOptions {
  version?: string;
  capabilities?: string[];
  /** Check what the other side sends against the contract: for peers that are trusted less than their schema, such as an engine. */
  checkOutputs?: boolean;
}
export interface RpcClient<C extends Contract> {
  readonly api: Client<C>;
  /** The same by name, for layers over a client. */
  readonly requester: Requester;
  /** What the other side said of itself. Rejects when the channel closes first, or with `version-mismatch`. */
  readonly hello: Promise<Hello>;
  readonly closed: boolean;
  /** Called once when it has closed, with the reason. */
  onClosed(fn: (reason: AnnealError) => void): void;
  close(): void;
}

export const disconnected = (): AnnealError => new AnnealError('disconnected', 'The connection to the program was lost.');
export const cancelled = (): AnnealError => new AnnealError('cancelled', 'The request was cancelled.');

interface Waiting { take(frame: Extract<Frame, { t: 'ok' | 'fail' | 'item' | 'end' }>): void; fail(error: AnnealError): void }

/** What a client tree is made over: anything that can carry out a request by name. */
export interface Requester {
  call(name: string, def: CallDef, input: unknown, options?: RequestOptions): Promise<unknown>;
  stream(name: string, def: StreamDef, input: unknown, options?: RequestOptions): AsyncIterable<unknown>;
}

/** Builds the object tree that `Client<C>` describes. */
export function clientTree<C extends Contract>(contract: C, to: Requester, prefix = ''): Client<C> {
  return Object.fromEntries(Object.entries(contract).map(([key, def]): [string, unknown] => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (!isDef(def)) return [key, clientTree(def, to, name)];
    return [key, def.kind === 'call' ? (input?: unknown, options?: RequestOptions) => to.call(name, def, input, options) : (input?: unknown, options?: RequestOptions) => to.stream(name, def, input, options)];
  })) as Client<C>;
}

export function createClient<C extends Contract>(contract: C, channel: Channel, options: ClientOptions = {}): RpcClient<C> {
  const hash = contractHash(contract);
  const core = new Core(channel, hash, options);
  channel.send({ t: 'hello', protocol: PROTOCOL_VERSION, hash, version: options.version ?? '', capabilities: options.capabilities ?? [] } satisfies Frame);
  return { api: clientTree(contract, core), requester: core, hello: core.hello, get closed() { return core.closed; }, onClosed: (fn) => { core.onClosed(fn); }, close: () => { core.shut(disconnected()); } };
}

class Core implements Requester {
  readonly hello: Promise<Hello>;
  closed = false;
  #closeReason: AnnealError | undefined;
  #closeListeners: ((reason: AnnealError) => void)[] = [];
  readonly #channel: Channel;
  readonly #check: boolean;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #resolveHello!: (hello: Hello) => void;
  #rejectHello!: (error: AnnealError) => void;

  constructor(channel: Channel, hash: string, options: ClientOptions) {
    this.#channel = channel;
    this.#check = options.checkOutputs ?? false;
    this.hello = new Promise((resolve, reject) => { this.#resolveHello = resolve; this.#rejectHello = reject; });
    this.hello.catch(() => { /* whoever needs it awaits it */ });
    channel.onMessage((m) => { this.#receive(m, hash); });
    channel.onClose(() => { this.shut(disconnected()); });
  }

  shut(error: AnnealError): void {
    if (this.closed) return;
    this.closed = true;
    this.#closeReason = error;
    this.#rejectHello(error);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const w of waiting) w.fail(error);
    this.#channel.close();
    for (const fn of this.#closeListeners.splice(0)) fn(error);
  }

  onClosed(fn: (reason: AnnealError) => void): void {
    if (this.#closeReason) fn(this.#closeReason); else this.#closeListeners.push(fn);
  }

  #receive(message: unknown, hash: string): void {
    if (this.closed) return;
    if (!isFrame(message)) { this.shut(disconnected()); return; }
    switch (message.t) {
      case 'hello':
        if (message.protocol === PROTOCOL_VERSION && message.hash === hash) this.#resolveHello(message);
        else this.shut(new AnnealError('version-mismatch', 'This page belongs to another version of the program: reload it.'));
        return;
      case 'ok': case 'fail': case 'item': case 'end':
        if (message.id === 0) { this.shut(message.t === 'end' && message.error ? AnnealError.from(message.error) : disconnected()); return; }
        this.#waiting.get(message.id)?.take(message); // unknown ids: answered after we cancelled
        return;
      default: this.shut(disconnected());
    }
  }

  #checked(name: string, schema: CallDef['output'], value: unknown): unknown {
    if (!this.#check) return value;
    const result = schema.safeParse(value);
    if (!result.success) throw new AnnealError('internal', `${name} was answered with a value that its contract does not allow: ${result.error.issues[0]?.path.join('.') ?? ''} ${result.error.issues[0]?.message ?? ''}`);
    return result.data;
  }

  async call(name: string, def: CallDef, input: unknown, options: RequestOptions = {}): Promise<unknown> {
    if (this.closed) throw disconnected();
    const { signal } = options;
    if (signal?.aborted === true) throw cancelled();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const settle = (): void => { this.#waiting.delete(id); signal?.removeEventListener('abort', onAbort); };
      const onAbort = (): void => { settle(); this.#channel.send({ t: 'cancel', id } satisfies Frame); reject(cancelled()); };
      this.#waiting.set(id, {
        take: (frame) => {
          settle();
          if (frame.t === 'fail') reject(AnnealError.from(frame.error));
          else if (frame.t !== 'ok') this.shut(disconnected());
          else { try { resolve(this.#checked(name, def.output, frame.value)); } catch (e) { reject(e as AnnealError); } }
        },
        fail: (error) => { settle(); reject(error); },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#channel.send({ t: 'call', id, name, input } satisfies Frame);
    });
  }

  stream(name: string, def: StreamDef, input: unknown, options: RequestOptions = {}): AsyncIterable<unknown> {
    return { [Symbol.asyncIterator]: () => this.#iterate(name, def, input, options) };
  }

  #iterate(name: string, def: StreamDef, input: unknown, { signal }: RequestOptions): AsyncIterator<unknown> {
    const queue: unknown[] = [];
    let waiter: { resolve: (r: IteratorResult<unknown>) => void; reject: (e: AnnealError) => void } | undefined;
    let outcome: { error?: AnnealError } | undefined; // set once the stream is over
    let id = 0, outstanding = STREAM_CREDIT, consumed = 0;
    const over = (result: { error?: AnnealError }): void => {
      if (outcome) return;
      outcome = result;
      this.#waiting.delete(id);
      signal?.removeEventListener('abort', onAbort);
      const w = waiter;
      waiter = undefined;
      if (w) { if (result.error) w.reject(result.error); else w.resolve({ done: true, value: undefined }); }
    };
    const cancel = (result: { error?: AnnealError }): void => {
      if (outcome) return;
      queue.length = 0;
      if (id !== 0) this.#channel.send({ t: 'cancel', id } satisfies Frame);
      over(result);
    };
    const onAbort = (): void => { cancel({ error: cancelled() }); };
    const consume = (): void => {
      if (++consumed < STREAM_CREDIT / 2 || outcome) return;
      outstanding += consumed;
      this.#channel.send({ t: 'credit', id, n: consumed } satisfies Frame);
      consumed = 0;
    };
    const open = (): void => {
      if (this.closed) { over({ error: disconnected() }); return; }
      if (signal?.aborted === true) { over({ error: cancelled() }); return; }
      id = this.#nextId++;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, {
        take: (frame) => {
          if (frame.t === 'end') { over(frame.error ? { error: AnnealError.from(frame.error) } : {}); return; }
          if (frame.t !== 'item' || outstanding-- <= 0) { this.shut(disconnected()); return; }
          let value: unknown;
          try { value = this.#checked(name, def.item, frame.value); } catch (e) { cancel({ error: e as AnnealError }); return; }
          const w = waiter;
          waiter = undefined;
          if (w) { w.resolve({ done: false, value }); consume(); } else queue.push(value);
        },
        fail: (error) => { over({ error }); },
      });
      this.#channel.send({ t: 'open', id, name, input, credit: STREAM_CREDIT } satisfies Frame);
    };
    return {
      next: () => {
        if (id === 0 && !outcome) open();
        if (queue.length > 0) { const value = queue.shift(); consume(); return Promise.resolve({ done: false, value }); }
        if (outcome) {
          const { error } = outcome;
          outcome = {}; // an error is told once, as generators do
          return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
        }
        if (waiter) return Promise.reject(new AnnealError('bad-request', `${name}: next() was called again before it had answered.`));
        return new Promise((resolve, reject) => { waiter = { resolve, reject }; });
      },
      return: () => { cancel({}); return Promise.resolve({ done: true, value: undefined }); },
    };
  }
}
