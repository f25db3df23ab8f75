/**
 * Serves a contract on any number of channels: checks inputs, runs handlers, keeps streams within their credit, aborts what belongs to a channel when it closes.
 * Exactly one ok or fail for each call and one end for each opened stream; a cancelled request is answered at once, whatever its handler does.
 */
import { AnnealError, errorShape } from '../errors.ts';
import type { ErrorShape } from '../errors.ts';
import type { Channel } from './channel.ts';
import { contractHash, isDef } from './define.ts';
import type { CallDef, Contract, HandlerContext, Service, StreamDef } from './define.ts';
import { checkLimits } from './limits.ts';
import { isFrame, PROTOCOL_VERSION } from './protocol.ts';
import type { Frame } from './protocol.ts';

export interface ServerOptions {
  /** What this end can do beyond the contract; stands in its hello. */
  capabilities?: string[];
  version?: string;
  /** Check what handlers give against the contract. On by default; a shipped build may turn it off. */
  checkOutputs?: boolean;
  /** Receives unexpected exceptions, with the id that the other side is told. */
  log?: (id: string, request: string, error: unknown) => void;
  /** Most requests in work on one channel. */
  maxRequests?: number;
}
export interface Server {
  /** Serves the contract on this channel until it closes. */
  accept(channel: Channel): void;
  /** Closes all channels and aborts all work. */
  close(): void;
  /** Requests in work on all channels. */
  readonly active: number;
}

interface Entry { def: CallDef | StreamDef; run: (input: unknown, ctx: HandlerContext) => unknown }

function bind(contract: Contract, service: Record<string, unknown>, prefix: string, into: Map<string, Entry>): void {
  for (const [key, def] of Object.entries(contract)) {
    const name = prefix === '' ? key : `${prefix}.${key}`, member = service[key];
    if (!isDef(def)) bind(def, (typeof member === 'object' && member !== null ? member : {}) as Record<string, unknown>, name, into);
    else if (typeof member === 'function') into.set(name, { def, run: (input, ctx) => (member as (this: unknown, i: unknown, c: HandlerContext) => unknown).call(service, input, ctx) });
    else throw new AnnealError('internal', `The service has no handler for ${name}.`);
  }
}

const incidentId = (): string => Math.floor(Math.random() * 2 ** 40).toString(36).padStart(8, '0');
const where = (path: PropertyKey[]): string => (path.length === 0 ? '' : ` at ${path.map(String).join('.')}`);

export function createServer<C extends Contract>(contract: C, service: Service<C>, options: ServerOptions = {}): Server {
  const entries = new Map<string, Entry>();
  bind(contract, service as Record<string, unknown>, '', entries);
  const connections = new Set<Connection>();
  return {
    accept: (channel) => {
      const connection = new Connection(entries, contractHash(contract), channel, options);
      connections.add(connection);
      channel.onClose(() => { connection.abortAll(); connections.delete(connection); });
    },
    close: () => { for (const c of connections) c.channel.close(); },
    get active() { let n = 0; for (const c of connections) n += c.requests.size; return n; },
  };
}

interface Request { abort: AbortController; credit: number; wake: (() => void) | undefined; done: boolean }

class Connection {
  readonly requests = new Map<number, Request>();
  readonly channel: Channel;
  readonly #entries: Map<string, Entry>;
  readonly #hash: string;
  readonly #options: ServerOptions;
  #greeted = false;

  constructor(entries: Map<string, Entry>, hash: string, channel: Channel, options: ServerOptions) {
    this.#entries = entries;
    this.#hash = hash;
    this.channel = channel;
    this.#options = options;
    this.#send({ t: 'hello', protocol: PROTOCOL_VERSION, hash, version: options.version ?? '', capabilities: options.capabilities ?? [] });
    channel.onMessage((m) => { this.#receive(m); });
  }

  abortAll(): void {
    for (const r of this.requests.values()) { r.done = true; r.abort.abort(new AnnealError('disconnected', 'The connection closed.')); r.wake?.(); }
    this.requests.clear();
  }

  #send(frame: Frame): void { this.channel.send(frame); }

  #receive(message: unknown): void {
    // A peer that breaks the protocol is not ours: drop it.
    if (!isFrame(message)) { this.channel.close(); return; }
    if (message.t === 'hello') {
      this.#greeted = message.protocol === PROTOCOL_VERSION && message.hash === this.#hash;
      return;
    }
    switch (message.t) {
      case 'call': case 'open': this.#start(message); return;
      case 'credit': { const r = this.requests.get(message.id); if (r) { r.credit += message.n; r.wake?.(); } return; }
      case 'cancel': {
        const r = this.requests.get(message.id);
        if (!r) return; // answered meanwhile
        r.abort.abort(new AnnealError('cancelled', 'The request was cancelled.'));
        r.wake?.();
        return;
      }
      default: this.channel.close();
    }
  }

  #start(frame: Extract<Frame, { t: 'call' | 'open' }>): void {
    const { id, name } = frame;
    if (this.requests.has(id)) { this.channel.close(); return; }
    const request: Request = { abort: new AbortController(), credit: frame.t === 'open' ? frame.credit : 0, wake: undefined, done: false };
    const finish = (reply: Frame): void => {
      if (request.done) return;
      request.done = true;
      this.requests.delete(id);
      this.#send(reply);
    };
    const fail = (error: unknown): void => {
      const shape = this.#shape(name, error);
      finish(frame.t === 'call' ? { t: 'fail', id, error: shape } : { t: 'end', id, error: shape });
    };
    const entry = this.#entries.get(name);
    try {
      if (!this.#greeted) throw new AnnealError('version-mismatch', 'This page belongs to another version of the program: reload it.');
      if (entry?.def.kind !== (frame.t === 'call' ? 'call' : 'stream')) throw new AnnealError('bad-request', `There is no ${frame.t === 'call' ? 'call' : 'stream'} named ${name}.`);
      if (this.requests.size >= (this.#options.maxRequests ?? 1000)) throw new AnnealError('unavailable', 'Too many requests are in work: wait for some to finish.');
    } catch (e) { fail(e); return; }
    this.requests.set(id, request);
    request.abort.signal.addEventListener('abort', () => { fail(request.abort.signal.reason); }, { once: true });
    const work = frame.t === 'call' ? this.#call(entry as Entry, name, frame.input, request).then((value) => { finish({ t: 'ok', id, value }); })
      : this.#pump(entry as Entry, name, frame.input, id, request).then(() => { finish({ t: 'end', id }); });
    work.catch(fail);
  }

  async #call(entry: Entry, name: string, input: unknown, request: Request): Promise<unknown> {
    const value: unknown = await entry.run(parseInput(entry, name, input), { signal: request.abort.signal });
    if (entry.def.kind === 'call') this.#check(entry.def.output, name, value);
    return value;
  }

  async #pump(entry: Entry, name: string, input: unknown, id: number, request: Request): Promise<void> {
    const def = entry.def as StreamDef;
    const iterator = (entry.run(parseInput(entry, name, input), { signal: request.abort.signal }) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const stopIterator = (): void => { iterator.return?.().catch((e: unknown) => { this.#options.log?.(incidentId(), name, e); }); };
    request.abort.signal.addEventListener('abort', stopIterator, { once: true });
    const send = (value: unknown): void => {
      this.#check(def.item, name, value);
      request.credit--;
      this.#send({ t: 'item', id, value });
    };
    const creditOrDone = (): Promise<void> => new Promise((resolve) => { request.wake = () => { request.wake = undefined; resolve(); }; });
    try {
      if (def.policy === 'latest') await this.#pumpLatest(def, iterator, request, send, creditOrDone);
      else {
        while (!request.done) {
          if (request.credit <= 0) { await creditOrDone(); continue; }
          const next = await iterator.next();
          if (next.done === true || request.done) break;
          send(next.value);
        }
      }
    } catch (e) {
      stopIterator();
      throw e;
    }
  }

  async #pumpLatest(def: StreamDef, iterator: AsyncIterator<unknown>, request: Request, send: (value: unknown) => void, creditOrDone: () => Promise<void>): Promise<void> {
    const pending = new Map<string, unknown>();
    const flush = (): void => {
      for (const [key, value] of pending) {
        if (request.credit <= 0 || request.done) return;
        pending.delete(key);
        send(value);
      }
    };
    request.wake = () => { try { flush(); } catch (e) { request.abort.abort(e); } };
    while (!request.done) {
      const next = await iterator.next();
      if (next.done === true) break;
      pending.set(def.key?.(next.value) ?? '', next.value);
      flush();
    }
    while (!request.done && pending.size > 0) { await creditOrDone(); flush(); }
  }

  #check(schema: CallDef['output'], name: string, value: unknown): void {
    if (this.#options.checkOutputs === false) return;
    const result = schema.safeParse(value);
    if (!result.success) throw new Error(`${name} gave a value that its contract does not allow: ${describeIssue(result.error)}`);
  }

  #shape(name: string, error: unknown): ErrorShape {
    const shape = errorShape(error);
    if (shape.code !== 'internal') return shape;
    const id = incidentId();
    this.#options.log?.(id, name, error);
    return { code: 'internal', message: error instanceof AnnealError ? shape.message : `Something unexpected happened; the log has it as incident ${id}.`, params: { ...shape.params, id } };
  }
}

function parseInput(entry: Entry, name: string, input: unknown): unknown {
  checkLimits(input);
  // A request without input is an empty object to a contract that takes an object.
  const given = input === undefined && entry.def.input.def.type === 'object' ? {} : input;
  const result = entry.def.input.safeParse(given);
  if (!result.success) throw new AnnealError('bad-request', `The request ${name} is not valid${describeIssue(result.error)}`);
  return result.data;
}

function describeIssue(error: { issues: { path: PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  return issue ? `${where(issue.path)}: ${issue.message}` : '.';
}
