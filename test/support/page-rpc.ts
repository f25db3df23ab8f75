/** Asks the host from inside the page, over a connection of its own: for window tests that need something done or known without clicking for it. Takes the transport that the page itself uses. */
import { contract } from '../../src/shared/contract.ts';
import { contractHash } from '../../src/shared/rpc/define.ts';
import { PROTOCOL_VERSION } from '../../src/shared/rpc/protocol.ts';
import type { App } from './window.ts';

interface Ask { name: string; input: unknown; hash: string; protocol: number; timeoutMs: number }

/** The answer of one call, or throws its error. */
export async function callHost(app: App, name: string, input: unknown = {}, timeoutMs = 20_000): Promise<unknown> {
  const ask: Ask = { name, input, hash: contractHash(contract), protocol: PROTOCOL_VERSION, timeoutMs };
  const key = app.serve === undefined ? null : new URL(app.serve.link).hash.slice('#key='.length);
  const answer = await app.page.evaluate(({ ask: { name: call, input: given, hash, protocol, timeoutMs: limit }, key: secret }) => new Promise<{ value?: unknown; error?: string }>((resolve) => {
    const timer = setTimeout(() => { resolve({ error: 'no answer in time' }); }, limit);
    const done = (a: { value?: unknown; error?: string }): void => { clearTimeout(timer); resolve(a); };
    const frames = [{ t: 'hello', protocol, hash, version: 'test', capabilities: [] }, { t: 'call', id: 1, name: call, input: given }];
    const receive = (f: { t: string; value?: unknown; error?: { code: string; message: string } }): boolean => {
      if (f.t === 'ok') done({ value: f.value });
      else if (f.t === 'fail') done({ error: `${f.error?.code}: ${f.error?.message}` });
      return f.t === 'ok' || f.t === 'fail';
    };
    if (secret !== null) {
      const ws = new WebSocket(`${location.origin.replace('http', 'ws')}/rpc`, ['anneal.v1', `key.${secret}`]);
      ws.onopen = () => { for (const f of frames) ws.send(JSON.stringify([f])); };
      ws.onmessage = (e: MessageEvent<string>) => { if (receive((JSON.parse(e.data) as [never])[0])) ws.close(); };
      ws.onclose = () => { done({ error: 'closed' }); };
      return;
    }
    const request = crypto.randomUUID();
    const onPort = (e: MessageEvent<{ anneal?: string; id?: string } | null>): void => {
      const port = e.ports[0];
      if (e.data?.anneal !== 'port' || e.data.id !== request || !port) return;
      window.removeEventListener('message', onPort);
      port.onmessage = (m: MessageEvent) => { if (m.data === null) done({ error: 'closed' }); else if (receive(m.data as { t: string })) { port.postMessage(null); port.close(); } };
      for (const f of frames) port.postMessage(f);
    };
    window.addEventListener('message', onPort);
    window.postMessage({ anneal: 'connect', want: 'host', id: request }, location.origin);
  }), { ask, key });
  if (answer.error !== undefined) throw new Error(`${name}: ${answer.error}`);
  return answer.value;
}
