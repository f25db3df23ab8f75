/**
 * How a contract is written: a tree of `call` and `stream` definitions built from zod schemas, from which the client type, the service type,
 * runtime checks and the contract hash are derived. Top-level input objects are made strict here; nested ones should be `z.strictObject` (a test looks).
 */
import { z } from 'zod';

/** What a producer does when the consumer has granted no more credit. `every`: waits. `latest`: keeps the newest item per key. `log`: waits; the source is the store and the consumer resumes with `after`. */
export type StreamPolicy = 'every' | 'latest' | 'log';

export interface CallDef<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> { readonly kind: 'call'; readonly input: I; readonly output: O }
export interface StreamDef<I extends z.ZodType = z.ZodType, T extends z.ZodType = z.ZodType> {
  readonly kind: 'stream'; readonly input: I; readonly item: T; readonly policy: StreamPolicy;
  /** For `latest`: items with equal keys replace each other; without it there is one key. */
  key?(item: z.output<T>): string;
}
export interface Contract { readonly [name: string]: CallDef | StreamDef | Contract }

function strictInput<I extends z.ZodType>(input: I): I {
  if (!(input instanceof z.ZodObject)) return input;
  const catchall = input.def.catchall;
  return catchall === undefined ? (input.strict() as unknown as I) : input;
}

export function call<I extends z.ZodType, O extends z.ZodType>(def: { input: I; output: O }): CallDef<I, O> {
  return { kind: 'call', input: strictInput(def.input), output: def.output };
}
export function stream<I extends z.ZodType, T extends z.ZodType>(def: { input: I; item: T; policy: StreamPolicy; key?: (item: z.output<T>) => string }): StreamDef<I, T> {
  return { kind: 'stream', input: strictInput(def.input), item: def.item, policy: def.policy, key: def.key };
}

/** Options of one request. `signal` cancels it at both ends. */
export interface RequestOptions { signal?: AbortSignal }
/** What a handler is given. `signal` aborts when the consumer cancels or its channel closes. */
export interface HandlerContext { signal: AbortSignal }

type InputArgs<I extends z.ZodType> = undefined extends z.input<I> ? [input?: z.input<I>, options?: RequestOptions]
  : Record<never, never> extends z.input<I> ? [input?: z.input<I>, options?: RequestOptions] : [input: z.input<I>, options?: RequestOptions];

/** The consumer's view: calls are promises, streams are async iterables that open when iteration starts and cancel when it stops. */
export type Client<C> = { readonly [K in keyof C]: C[K] extends CallDef<infer I, infer O> ? (...args: InputArgs<I>) => Promise<z.output<O>>
  : C[K] extends StreamDef<infer I, infer T> ? (...args: InputArgs<I>) => AsyncIterable<z.output<T>> : Client<C[K]> };

/** The producer's view: one handler a definition, in the same tree. */
export type Service<C> = { readonly [K in keyof C]: C[K] extends CallDef<infer I, infer O> ? (input: z.output<I>, ctx: HandlerContext) => Promise<z.output<O>> | z.output<O>
  : C[K] extends StreamDef<infer I, infer T> ? (input: z.output<I>, ctx: HandlerContext) => AsyncIterable<z.output<T>> : Service<C[K]> };

export function isDef(x: CallDef | StreamDef | Contract): x is CallDef | StreamDef {
  return (x['kind'] === 'call' || x['kind'] === 'stream') && x['input'] instanceof z.ZodType;
}

/** All definitions of a contract with their dotted names, in order of declaration. */
export function definitions(contract: Contract, prefix = ''): [name: string, def: CallDef | StreamDef][] {
  return Object.entries(contract).flatMap(([key, value]): [string, CallDef | StreamDef][] => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    return isDef(value) ? [[name, value]] : definitions(value, name);
  });
}

const hashes = new WeakMap<Contract, string>();
/** A fingerprint of names, kinds and shapes. Both ends ship together; a difference means that a page is older than its host. Not for security. */
export function contractHash(contract: Contract): string {
  const known = hashes.get(contract);
  if (known !== undefined) return known;
  const parts = definitions(contract).map(([name, def]) => {
    const shape = (schema: z.ZodType, io: 'input' | 'output'): unknown => z.toJSONSchema(schema, { io, unrepresentable: 'any', cycles: 'ref' });
    return [name, def.kind, shape(def.input, 'input'), def.kind === 'call' ? shape(def.output, 'output') : [def.policy, shape(def.item, 'output')]];
  });
  const hash = fingerprint(JSON.stringify(parts));
  hashes.set(contract, hash);
  return hash;
}

/** Two independent 32-bit multiplicative hashes, as 16 hex digits. */
function fingerprint(text: string): string {
  let a = 0x811c9dc5, b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul((b << 5 | b >>> 27) ^ c, 0x85ebca6b);
  }
  return [a, b].map((x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
}
