/** Random interleavings of requests, answers, cancels, deliveries and a close, against the promises that the protocol makes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Inbox } from '../../src/shared/rpc/channel.ts';
import type { Channel } from '../../src/shared/rpc/channel.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import { call, stream } from '../../src/shared/rpc/define.ts';
import type { Contract } from '../../src/shared/rpc/define.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import type { Frame } from '../../src/shared/rpc/protocol.ts';

const item = z.strictObject({ key: z.string(), n: z.number() });
const contract = {
  work: call({ input: z.object({ n: z.number() }), output: z.number() }),
  every: stream({ input: z.object({ n: z.number() }), item, policy: 'every' }),
  latest: stream({ input: z.object({ n: z.number() }), item, policy: 'latest', key: (x) => x.key }),
} satisfies Contract;

const settle = async (): Promise<void> => { await new Promise((r) => { setImmediate(r); }); };

/** A pair of channels whose messages move only when told, with a tap on what the server sends and receives. */
function steppedPair(onServerSend: (f: Frame) => void, onServerReceive: (f: Frame) => void): { client: Channel; server: Channel; toServer: () => void; toClient: () => void; cut: () => void } {
  const up: unknown[] = [], down: unknown[] = [], clientIn = new Inbox(), serverIn = new Inbox();
  const cut = (): void => { clientIn.close(); serverIn.close(); };
  const end = (mine: Inbox, out: unknown[], tap?: (f: Frame) => void): Channel => ({
    send: (m) => { if (!mine.closed) { tap?.(m as Frame); out.push(structuredClone(m)); } }, onMessage: (fn) => { mine.onMessage(fn); }, onClose: (fn) => { mine.onClose(fn); }, close: cut,
  });
  return {
    client: end(clientIn, up), server: end(serverIn, down, onServerSend), cut,
    toServer: () => { if (up.length > 0 && !serverIn.closed) { const m = up.shift(); onServerReceive(m as Frame); serverIn.deliver(m); } },
    toClient: () => { if (down.length > 0) clientIn.deliver(down.shift()); },
  };
}

type Step = { do: 'call' | 'every' | 'latest' | 'up' | 'down' | 'cut' } | { do: 'answer' | 'throw' | 'cancel' | 'produce' | 'finish' | 'pull' | 'return'; which: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('call', 'every', 'latest').map((d): Step => ({ do: d as 'call' })) },
  { weight: 16, arbitrary: fc.constantFrom('up', 'down').map((d): Step => ({ do: d as 'up' })) },
  { weight: 1, arbitrary: fc.nat(4).map((n): Step => ({ do: n === 0 ? 'cut' : 'down' })) },
  { weight: 14, arbitrary: fc.record({ do: fc.constantFrom('answer', 'throw', 'cancel', 'produce', 'produce', 'produce', 'finish', 'pull', 'pull', 'pull', 'return'), which: fc.nat(20) }).map((s) => s as Step) },
);

test('one reply a call, no item after the end, never above credit, everything aborted on close', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }), async (steps) => {
    const granted = new Map<number, number>(), items = new Map<number, number>(), over = new Set<number>(), calls = new Set<number>();
    const pair = steppedPair(
      (f) => {
        if (f.t === 'hello') return;
        expect(over.has(f.id), `nothing may follow the last frame of request ${f.id}, got ${f.t}`).toBe(false);
        if (f.t === 'item') {
          const n = (items.get(f.id) ?? 0) + 1;
          items.set(f.id, n);
          expect(n).toBeLessThanOrEqual(granted.get(f.id) ?? 0);
        } else {
          expect(calls.has(f.id) ? ['ok', 'fail'] : ['end']).toContain(f.t);
          over.add(f.id);
        }
      },
      (f) => {
        if (f.t === 'open') granted.set(f.id, f.credit);
        if (f.t === 'call') calls.add(f.id);
        if (f.t === 'credit') granted.set(f.id, (granted.get(f.id) ?? 0) + f.n);
      },
    );
    const handlers: { signal: AbortSignal; ok: (n: number) => void; no: (e: Error) => void }[] = [];
    const sources: { signal: AbortSignal; push: () => void; finish: () => void }[] = [];
    const source = ({ n }: { n: number }, { signal }: { signal: AbortSignal }): AsyncIterable<{ key: string; n: number }> => {
      const ready: number[] = [];
      let next = 0, wake: (() => void) | undefined, finished = false;
      sources.push({ signal, push: () => { ready.push(next++); wake?.(); }, finish: () => { finished = true; wake?.(); } });
      signal.addEventListener('abort', () => wake?.());
      return (async function* produce() {
        while (!signal.aborted) {
          const value = ready.shift();
          if (value !== undefined) yield { key: `${value % 3}`, n: value + n };
          else if (finished) return;
          else await new Promise<void>((r) => { wake = r; });
        }
      })();
    };
    const server = createServer(contract, { work: ({ n }, { signal }) => new Promise((ok, no) => { handlers.push({ signal, ok: () => { ok(n); }, no }); }), every: source, latest: source });
    server.accept(pair.server);
    const client = createClient(contract, pair.client);
    const outcomes: Promise<unknown>[] = [], aborts: AbortController[] = [];
    const streams: { it: AsyncIterator<{ key: string; n: number }>; busy: boolean; last: Map<string, number>; policy: string; seen: number }[] = [];
    let pulls = 0, pullsSettled = 0, callsSettled = 0;
    const pick = <T>(list: T[], which: number): T | undefined => list[which % Math.max(1, list.length)];

    const apply = (s: Step): void => {
      switch (s.do) {
        case 'call': {
          const abort = new AbortController(), n = outcomes.length;
          aborts.push(abort);
          outcomes.push(client.api.work({ n }, { signal: abort.signal }).then((got) => { expect(got).toBe(n); }, (e: { code: string }) => { expect(['cancelled', 'internal', 'disconnected']).toContain(e.code); }).finally(() => callsSettled++));
          return;
        }
        case 'every': case 'latest': {
          const abort = new AbortController();
          aborts.push(abort);
          streams.push({ it: client.api[s.do]({ n: 0 }, { signal: abort.signal })[Symbol.asyncIterator](), busy: false, last: new Map(), policy: s.do, seen: 0 });
          return;
        }
        case 'up': pair.toServer(); return;
        case 'down': pair.toClient(); return;
        case 'cut': pair.cut(); return;
        case 'answer': pick(handlers, s.which)?.ok(0); return;
        case 'throw': pick(handlers, s.which)?.no(new Error('on purpose')); return;
        case 'cancel': pick(aborts, s.which)?.abort(); return;
        case 'produce': pick(sources, s.which)?.push(); return;
        case 'finish': pick(sources, s.which)?.finish(); return;
        case 'return': void pick(streams, s.which)?.it.return?.(); return;
        case 'pull': {
          const st = pick(streams, s.which);
          if (!st || st.busy) return;
          st.busy = true;
          pulls++;
          void st.it.next().then((r) => {
            if (r.done === true) return;
            // in order, and with `every` none is lost
            if (st.policy === 'every') expect(r.value.n).toBe(st.seen);
            expect(r.value.n).toBeGreaterThan(st.last.get(r.value.key) ?? -1);
            st.last.set(r.value.key, r.value.n);
            st.seen++;
          }, (e: { code: string }) => { expect(['cancelled', 'disconnected']).toContain(e.code); }).finally(() => { st.busy = false; pullsSettled++; });
        }
      }
    };
    for (const s of steps) { apply(s); await settle(); }
    pair.cut();
    await settle();
    await Promise.all(outcomes);
    for (const h of handlers) h.ok(0);
    await settle();
    expect(server.active).toBe(0);
    expect(callsSettled).toBe(outcomes.length);
    expect(pullsSettled).toBe(pulls);
    // whatever was still in work when the channel closed was aborted
    for (const s of sources) { s.finish(); }
    await settle();
    const unfinished = [...granted.keys()].filter((id) => !over.has(id)).length + [...calls].filter((id) => !over.has(id)).length;
    expect([...handlers, ...sources].filter((h) => h.signal.aborted).length).toBeGreaterThanOrEqual(unfinished);
  }), { numRuns: 200 });
}, 60_000);
