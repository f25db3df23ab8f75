/** Every call and stream of the contract with input that is no input: the answer is always an error of the closed list, never `internal`, and the host stays. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contract } from '../../src/shared/contract.ts';
import { ERROR_CODES } from '../../src/shared/errors.ts';
import { memoryPair } from '../../src/shared/rpc/channel.ts';
import { contractHash, definitions } from '../../src/shared/rpc/define.ts';
import { PROTOCOL_VERSION } from '../../src/shared/rpc/protocol.ts';
import { removeRoot, testHost } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';

let t: TestHost;
beforeAll(async () => { t = await testHost({ mode: 'browser' }); });
afterAll(async () => { await t.close(); removeRoot(t); });

/** Sends frames by hand, since a client would not. */
async function send(name: string, kind: 'call' | 'stream', input: unknown): Promise<{ t: string; error?: { code: string } }> {
  const [near, far] = memoryPair();
  return new Promise((resolve) => {
    near.onMessage((m) => { const f = m as { t: string; error?: { code: string } }; if (f.t !== 'hello') { resolve(f); near.close(); } });
    near.onClose(() => { resolve({ t: 'closed' }); });
    t.host.accept(far);
    near.send({ t: 'hello', protocol: PROTOCOL_VERSION, hash: contractHash(contract), version: '', capabilities: [] });
    near.send(kind === 'call' ? { t: 'call', id: 1, name, input } : { t: 'open', id: 1, name, input, credit: 4 });
  });
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, 0, '', 'x', [], [{}], true, { id: 1 }, { id: {} }, { path: '\0' }, { unknown: 1 }, { id: 'x', offset: -1, limit: 1e9 }, { recipe: [] }, { id: 'x'.repeat(1000) }),
  fc.object({ maxDepth: 3 }),
);

test.each(definitions(contract).map(([name, def]) => ({ name, kind: def.kind })))('$name', async ({ name, kind }) => {
  const harmless = new Set(['system.watch', 'changes.watch', 'system.info', 'system.diagnostics', 'settings.get', 'devices.state', 'devices.choose', 'caches.list', 'models.list', 'models.imports', 'models.startImport', 'hub.list', 'hub.watch', 'hub.access', 'exports.list', 'datasets.list', 'runs.list', 'demo.start', 'demo.latest', 'runs.checkpoints', 'files.list', 'settings.set', 'recipes.check']);
  await fc.assert(fc.asyncProperty(junk, async (input) => {
    fc.pre(!(typeof input === 'object' && input !== null && !Array.isArray(input) && Object.keys(input).length === 0 && harmless.has(name)));
    const reply = await send(name, kind, input);
    if (reply.t === 'closed') return;
    if (reply.error === undefined) { expect(harmless.has(name)).toBe(true); return; }
    expect(ERROR_CODES).toContain(reply.error.code);
    expect(reply.error.code).not.toBe('internal');
  }), { numRuns: 25 });
  expect((await send(name, kind, 'text')).error?.code).toBe('bad-request');
});
