/** What the processes say to each other besides the application contract: the shell asks the host about its work, the host asks the shell for engines where only the shell can start them. */
import { z } from 'zod';
import { call, stream } from './rpc/define.ts';
import type { Contract } from './rpc/define.ts';
import { path } from './schema/base.ts';

const none = z.strictObject({});
const childId = z.strictObject({ id: z.number().int() });
const done = z.object({ ok: z.literal(true) });

/** Served by the host on channels labelled `control`. */
export const hostControlContract = {
  /** Runs that train or wait for their turn; the first item is the present state. */
  activity: stream({ input: none, item: z.object({ runs: z.array(z.object({ id: z.string(), name: z.string() })) }), policy: 'latest' }),
  /** Lets the host read a path that the person picked in the system's own dialog. */
  allow: call({ input: z.strictObject({ path }), output: done }),
  /** Finishes the current step of every run, saves, ends the engines. Answers when all is safe on disk; an engine that is not done within `within_ms` is ended, and its last checkpoint stays. */
  stopAll: call({ input: z.strictObject({ within_ms: z.number().int().positive() }), output: z.object({ stopped: z.number() }) }),
} satisfies Contract;

export const childExit = z.object({ code: z.number().nullable(), signal: z.string().nullable(), reason: z.enum(['clean', 'error', 'killed', 'memory', 'not-started']), tail: z.array(z.string()) });

/** Served by the shell on the channel labelled `broker`: only Electron's main process can fork utility processes. */
export const brokerContract = {
  spawn: call({ input: z.strictObject({ entry: z.literal('engine'), name: z.string().max(64), args: z.array(z.string()).max(32).optional(), env: z.record(z.string(), z.string()).optional() }), output: z.object({ id: z.number(), pid: z.number().nullable() }) }),
  /** Makes a channel to the child and sends the other end to the host with the label `child:<key>`. */
  open: call({ input: z.strictObject({ id: z.number().int(), label: z.string().max(64), key: z.string().max(64) }), output: done }),
  release: call({ input: childId, output: done }),
  kill: call({ input: childId, output: done }),
  watch: stream({ input: childId, item: z.discriminatedUnion('type', [z.object({ type: z.literal('line'), line: z.string() }), z.object({ type: z.literal('exit'), exit: childExit })]), policy: 'every' }),
} satisfies Contract;
