/** Downloads from a hub, over real HTTP against a server of this machine: what is fetched, how it continues, and everything that a bad hub or network can do. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostOptions } from '../../../src/main/host/host.ts';
import type { Download } from '../../../src/shared/schema/hub.ts';
import { removeRoot, testHost } from '../../support/host.ts';
import type { TestHost } from '../../support/host.ts';
import { COMMIT, hubServer, sendFile } from './hub-server.ts';
import type { HubServer } from './hub-server.ts';

const WEIGHTS = randomBytes(3_000_000);
const FILES = { 'config.json': '{"model_type":"llama"}', 'generation_config.json': '{}', 'tokenizer.json': '{}', 'tokenizer_config.json': '{}', 'README.md': '---\nlicense: apache-2.0\n---\n', 'model.safetensors': WEIGHTS, 'pytorch_model.bin': 'pickle', 'onnx/model.onnx': 'other', '.gitattributes': 'x' };
const WANTED = ['README.md', 'config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

let hub: HubServer, t: TestHost;
const env: NodeJS.ProcessEnv = {};
const open = async (more: Partial<HostOptions> = {}): Promise<TestHost> => testHost({ hub: { env, idleMs: 400, second: 1 }, ...more });
beforeEach(async () => {
  hub = await hubServer(FILES);
  for (const k of Object.keys(env)) delete env[k];
  env['HF_ENDPOINT'] = hub.url;
  t = await open();
});
afterEach(async () => { await t.close(); await hub.close(); removeRoot(t); });

const models = (): string => join(t.home, 'models');
const until = async (id: string, ...statuses: Download['status'][]): Promise<Download> => {
  for await (const { downloads } of t.api.hub.watch({})) {
    const d = downloads.find((x) => x.id === id);
    if (d && statuses.includes(d.status)) return d;
  }
  throw new Error('the watch ended');
};
const finish = async (): Promise<Download> => until((await t.api.hub.download({ model: 'acme/tiny' })).id, 'done', 'failed');
const imported = async (): Promise<string[]> => (await t.api.models.list()).map((m) => m.name);
const asked = (file: string): HubServer['requests'] => hub.requests.filter((r) => r.path.endsWith(`/${file}`));

describe('a good hub', () => {
  it('says what it would send, and sends exactly that', async () => {
    const p = await t.api.hub.inspect({ model: 'acme/tiny' });
    expect(p).toMatchObject({ model: 'acme/tiny', revision: 'main', commit: COMMIT, license: 'apache-2.0', gated: false, family: 'llama', supported: true, format: 'folder', problems: [], model_id: null });
    expect(p.files.map((f) => f.path).toSorted()).toEqual(WANTED);
    expect(hub.requests.map((r) => r.path)).toEqual([`/api/models/acme/tiny/revision/main`]);
    expect(existsSync(join(models(), 'x'))).toBe(false);

    const d = await finish();
    expect(d).toMatchObject({ status: 'done', bytes_done: p.bytes, bytes: p.bytes, files: 6, files_done: 6, license: 'apache-2.0', error: null });
    expect(hub.requests.every((r) => r.token === undefined)).toBe(true);
    expect(readFileSync(join(d.folder ?? '', 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(readdirSync(d.folder ?? '').toSorted()).toEqual([...WANTED, 'anneal-download.json'].toSorted());
    expect(readdirSync(models())).toEqual([`acme--tiny--${COMMIT.slice(0, 12)}`]);
    expect(await imported()).toEqual(['tiny']);
    expect((await t.api.models.list())[0]?.hub).toEqual({ model: 'acme/tiny', commit: COMMIT });
    expect((await t.api.hub.inspect({ model: 'acme/tiny' })).model_id).toBe(d.model_id);
    // once more: nothing is fetched again
    hub.requests.length = 0;
    await finish();
    expect(hub.requests.filter((r) => !r.path.startsWith('/api/'))).toEqual([]);
    expect(await imported()).toEqual(['tiny']);
  });

  it('understands revisions and page addresses, and no other names', async () => {
    await t.api.hub.inspect({ model: `${hub.url}/acme/tiny/tree/v1` });
    await t.api.hub.inspect({ model: 'acme/tiny@refs/pr/3' });
    expect(hub.requests.map((r) => r.path)).toEqual(['/api/models/acme/tiny/revision/v1', '/api/models/acme/tiny/revision/refs/pr/3']);
    for (const model of ['tiny', 'a/b/c', '../../etc', 'acme/..', 'acme/ti ny', 'acme/tiny@../x', 'https://elsewhere.example/acme/tiny', 'acme/tiny?x=1', 'acme/tiny#x']) await expect(t.api.hub.inspect({ model }), model).rejects.toMatchObject({ code: 'bad-request' });
    expect(hub.requests).toHaveLength(2);
  });

  it('shards: index and parts', async () => {
    hub.files.delete('model.safetensors');
    for (const [name, data] of [['model-00001-of-00002.safetensors', 'one'], ['model-00002-of-00002.safetensors', 'two'], ['model.safetensors.index.json', '{"weight_map":{}}']]) hub.files.set(name ?? '', Buffer.from(data ?? ''));
    const d = await finish();
    expect(readdirSync(d.folder ?? '').filter((n) => n.includes('safetensors'))).toEqual(['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'model.safetensors.index.json']);
  });

  it('one GGUF file of several, chosen by name', async () => {
    for (const f of Object.keys(FILES)) if (f !== 'README.md') hub.files.delete(f);
    hub.files.set('tiny-Q8_0.gguf', Buffer.from('GGUF-a'));
    hub.files.set('sub/tiny-F16.gguf', Buffer.from('GGUF-b'));
    hub.info = {};
    const p = await t.api.hub.inspect({ model: 'acme/tiny' });
    expect(p).toMatchObject({ format: 'gguf', supported: null, license: null });
    expect(p.gguf.map((f) => f.path)).toEqual(['tiny-Q8_0.gguf', 'sub/tiny-F16.gguf']);
    expect(p.problems[0]).toContain('choose one of tiny-Q8_0.gguf, sub/tiny-F16.gguf');
    await expect(t.api.hub.download({ model: 'acme/tiny' })).rejects.toMatchObject({ code: 'unavailable' });
    const ended = await until((await t.api.hub.download({ model: 'acme/tiny', file: 'sub/tiny-F16.gguf' })).id, 'done', 'failed');
    // the stand-in engine reads no GGUF: the file is there and whole, the list has no half model
    expect(readFileSync(join(ended.folder ?? '', 'tiny-F16.gguf'), 'utf8')).toBe('GGUF-b');
    if (ended.status === 'failed') expect(await imported()).toEqual([]);
  });
});

describe('interruptions', () => {
  it('continues by range where the connection broke, again and again', async () => {
    let times = 0;
    hub.onFile = (name, q, r) => { if (name !== 'model.safetensors' || times++ >= 3) return false; sendFile(WEIGHTS, q, r, 700_000); return true; };
    const d = await finish();
    expect(d.status).toBe('done');
    const ranges = asked('model.safetensors').map((r) => r.range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges).toHaveLength(4);
    expect(ranges.slice(1).every((r) => /^bytes=[1-9]\d*-$/.test(r ?? ''))).toBe(true);
    expect(asked('model.safetensors').slice(1).every((r) => r.ifRange !== undefined)).toBe(true);
    expect(readFileSync(join(d.folder ?? '', 'model.safetensors')).equals(WEIGHTS)).toBe(true);
  });

  it('pauses, survives a restart of the host, resumes', async () => {
    hub.onFile = (name, q, r) => { if (name !== 'model.safetensors' || q.headers.range !== undefined) return false; r.writeHead(200, { 'content-length': WEIGHTS.length }); r.write(WEIGHTS.subarray(0, 1_000_000)); return true; };
    const { id } = await t.api.hub.download({ model: 'acme/tiny' });
    for await (const { downloads } of t.api.hub.watch({})) if ((downloads[0]?.bytes_done ?? 0) > 900_000) break;
    expect((await t.api.hub.pause({ id })).status).toBe('paused');
    expect(await imported()).toEqual([]);
    const root = join(t.home, '..');
    await t.close();
    t = await testHost({ hub: { env, idleMs: 400, second: 1 } }, root);
    const [kept] = await t.api.hub.list();
    expect(kept).toMatchObject({ id, status: 'paused', model: 'acme/tiny' });
    expect(kept?.bytes_done).toBeGreaterThan(900_000);
    hub.requests.length = 0;
    await t.api.hub.resume({ id });
    expect((await until(id, 'done', 'failed')).status).toBe('done');
    expect(asked('config.json')).toEqual([]);
    expect(Number(/\d+/.exec(asked('model.safetensors')[0]?.range ?? '')?.[0])).toBeGreaterThan(900_000);
  });

  it('begins again when the hub has another body now', async () => {
    let first = true;
    hub.onFile = (name, q, r) => { if (name !== 'model.safetensors' || !first) return false; first = false; r.writeHead(200, { etag: '"other"', 'content-length': WEIGHTS.length }); r.write(randomBytes(500_000), () => { r.destroy(); }); return true; };
    const d = await finish();
    expect(d.status).toBe('done');
    expect(asked('model.safetensors')[1]?.ifRange).toBe('"other"');
    expect(readFileSync(join(d.folder ?? '', 'model.safetensors')).equals(WEIGHTS)).toBe(true);
  });

  it('cancel leaves nothing behind', async () => {
    hub.onFile = (name, _q, r) => { if (name !== 'model.safetensors') return false; r.writeHead(200, { 'content-length': WEIGHTS.length }); r.write(WEIGHTS.subarray(0, 500_000)); return true; };
    const { id } = await t.api.hub.download({ model: 'acme/tiny' });
    for await (const { downloads } of t.api.hub.watch({})) if ((downloads[0]?.bytes_done ?? 0) > 100_000) break;
    await t.api.hub.cancel({ id });
    expect(readdirSync(models())).toEqual([]);
    expect(await t.api.hub.list()).toEqual([]);
    expect(await imported()).toEqual([]);
  });

  it('a hub that falls silent is given up after some tries, and what is there is kept', async () => {
    hub.onFile = (name) => name === 'model.safetensors';
    const d = await finish();
    expect(d).toMatchObject({ status: 'failed', error: { code: 'hub-unreachable' } });
    expect(asked('model.safetensors').length).toBeGreaterThan(2);
    expect(await imported()).toEqual([]);
    hub.onFile = null;
    await t.api.hub.resume({ id: d.id });
    expect((await until(d.id, 'done', 'failed')).status).toBe('done');
  });
});

describe('bad hubs', () => {
  it('another checksum: thrown away, named, no model; fetched again on resume', async () => {
    hub.lies.set('model.safetensors', { sha256: createHash('sha256').update('other').digest('hex') });
    const d = await finish();
    expect(d).toMatchObject({ status: 'failed', error: { code: 'hub-checksum' } });
    expect(d.error?.message).toContain('model.safetensors');
    expect(await imported()).toEqual([]);
    expect(readdirSync(join(models(), `.partial-${d.id}`)).some((n) => n.startsWith('model.safetensors'))).toBe(false);
  });

  it('a small file that was changed on the way (git checksum)', async () => {
    hub.onFile = (name, q, r) => { if (name !== 'config.json') return false; sendFile(Buffer.from('{"model_type":"xlama"}'), q, r); return true; };
    expect(await finish()).toMatchObject({ status: 'failed', error: { code: 'hub-checksum' } });
    expect(asked('model.safetensors')).toEqual([]); // small files come first
  });

  it('a body without end', async () => {
    hub.onFile = (name, _q, r) => {
      if (name !== 'tokenizer.json') return false;
      r.writeHead(200);
      const timer = setInterval(() => { r.write(Buffer.alloc(100_000)); }, 1);
      r.on('close', () => { clearInterval(timer); });
      return true;
    };
    const d = await finish();
    expect(d).toMatchObject({ status: 'failed', error: { code: 'hub-checksum' } });
    expect(statSync(join(models(), `.partial-${d.id}`, 'tokenizer.json.part')).size).toBe(0);
  });

  it.each([[401, '', 'hub-refused'], [401, 'RepoNotFound', 'hub-not-found'], [403, 'GatedRepo', 'hub-refused'], [404, 'RepoNotFound', 'hub-not-found'], [404, 'RevisionNotFound', 'hub-not-found'], [429, '', 'hub-unreachable'], [500, '', 'hub-unreachable']])('status %i %s', async (status, word, code) => {
    hub.onInfo = (_q, r) => { r.writeHead(status, word === '' ? {} : { 'x-error-code': word }).end('no'); return true; };
    await expect(t.api.hub.inspect({ model: 'acme/tiny' })).rejects.toMatchObject({ code });
    await expect(t.api.hub.download({ model: 'acme/tiny' })).rejects.toMatchObject({ code });
    expect(await t.api.hub.list()).toEqual([]);
  });

  it('refusal of a file in the middle', async () => {
    hub.onFile = (name, _q, r) => { if (name !== 'model.safetensors') return false; r.writeHead(403).end(); return true; };
    expect(await finish()).toMatchObject({ status: 'failed', error: { code: 'hub-refused' } });
  });

  it('answers that are no hub’s', async () => {
    for (const body of ['<html>', '{}', '[]', JSON.stringify({ sha: COMMIT }), JSON.stringify({ sha: '../../x', siblings: [] }), JSON.stringify({ sha: COMMIT, siblings: [{ rfilename: 'a', size: -1 }] })]) {
      hub.onInfo = (_q, r) => { r.end(body); return true; };
      await expect(t.api.hub.inspect({ model: 'acme/tiny' }), body).rejects.toMatchObject({ code: 'hub-unreachable' });
    }
    hub.onInfo = (_q, r) => { const timer = setInterval(() => { r.write(Buffer.alloc(1_000_000, 0x20)); }, 1); r.on('close', () => { clearInterval(timer); }); return true; };
    await expect(t.api.hub.inspect({ model: 'acme/tiny' })).rejects.toMatchObject({ code: 'hub-unreachable', message: expect.stringContaining('longer than') as string });
  });

  it('file names that lead elsewhere are not taken', async () => {
    for (const name of ['../evil.json', '/etc/passwd', 'a\\..\\b.gguf', '../x.gguf', 'C:\\x.gguf']) hub.files.set(name, Buffer.from('x'));
    const p = await t.api.hub.inspect({ model: 'acme/tiny' });
    expect(p.files.map((f) => f.path).toSorted()).toEqual(WANTED);
    expect(p.gguf).toEqual([]);
  });

  it('models that cannot be used are refused before anything is fetched', async () => {
    const problem = async (): Promise<string> => (await t.api.hub.inspect({ model: 'acme/tiny' })).problems.join(' ');
    hub.info = { config: { model_type: 'mamba' } };
    expect(await problem()).toContain('"mamba"');
    await expect(t.api.hub.download({ model: 'acme/tiny' })).rejects.toMatchObject({ code: 'model-family-unknown' });
    hub.info = {};
    hub.files.delete('model.safetensors');
    expect(await problem()).toContain('pickle');
    hub.files.delete('tokenizer.json');
    expect(await problem()).toContain('tokenizer.json');
    expect(hub.requests.every((r) => r.path.startsWith('/api/'))).toBe(true);
  });

  it('a disk without room', async () => {
    await t.close();
    t = await open({ hub: { env, idleMs: 400, second: 1, free: () => Promise.resolve(1_000_000) } });
    expect((await t.api.hub.inspect({ model: 'acme/tiny' })).problems[0]).toContain('1 MB free');
    await expect(t.api.hub.download({ model: 'acme/tiny' })).rejects.toMatchObject({ code: 'disk-full' });
    expect(hub.requests.every((r) => r.path.startsWith('/api/'))).toBe(true);
  });
});

describe('redirects and tokens', () => {
  it('follows a redirect to another server of this machine without the token', async () => {
    const seen: (string | undefined)[] = [];
    const cdn = createServer((q, r) => { seen.push(q.headers.authorization); sendFile(WEIGHTS, q, r); });
    await new Promise<void>((resolve) => { cdn.listen(0, '127.0.0.1', resolve); });
    hub.onFile = (name, _q, r) => { if (name !== 'model.safetensors') return false; r.writeHead(302, { location: `http://127.0.0.1:${(cdn.address() as AddressInfo).port}/blob?signature=1` }).end(); return true; };
    await t.api.hub.token({ token: 'hf_secret', remember: false });
    expect((await finish()).status).toBe('done');
    expect(seen).toEqual([undefined]);
    expect(asked('model.safetensors')[0]?.token).toBe('Bearer hf_secret');
    await new Promise((resolve) => { cdn.close(resolve); });
  });

  it.each(['http://hub.example/x', 'ftp://hub.example/x', 'file:///etc/passwd', 'http://169.254.169.254/meta', 'data:text/plain,x'])('refuses a redirect to %s', async (location) => {
    hub.onInfo = (_q, r) => { r.writeHead(302, { location }).end(); return true; };
    await expect(t.api.hub.inspect({ model: 'acme/tiny' })).rejects.toMatchObject({ code: 'hub-unreachable', message: expect.stringContaining('not a safe connection') as string });
  });

  it('refuses redirects in a circle', async () => {
    hub.onInfo = (q, r) => { r.writeHead(302, { location: q.url ?? '' }).end(); return true; };
    await expect(t.api.hub.inspect({ model: 'acme/tiny' })).rejects.toMatchObject({ message: expect.stringContaining('more than 5 times') as string });
  });

  it('gated: asks for a token; keeps it in memory, or in a file that only the account reads', async () => {
    hub.info = { ...hub.info, gated: 'auto' };
    await expect(t.api.hub.download({ model: 'acme/tiny' })).rejects.toMatchObject({ code: 'hub-refused' });
    const file = join(t.home, 'hub-token');
    expect(await t.api.hub.token({ token: 'hf_one', remember: false })).toMatchObject({ token: 'memory' });
    expect(existsSync(file)).toBe(false);
    expect(await t.api.hub.token({ token: 'hf_two', remember: true })).toMatchObject({ token: 'file' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await finish()).status).toBe('done');
    expect(hub.requests.at(-1)?.token).toBe('Bearer hf_two');
    expect(readFileSync(join(t.home, 'host.log'), 'utf8')).not.toContain('hf_two');
    expect((await t.api.system.diagnostics({})).text).not.toContain('hf_two');
    expect(await t.api.hub.token({ token: null })).toMatchObject({ token: 'none' });
    expect(existsSync(file)).toBe(false);
    await expect(t.api.hub.token({ token: 'with blank' })).rejects.toMatchObject({ code: 'bad-request' });
    env['HF_TOKEN'] = 'hf_env';
    expect(await t.api.hub.access({})).toMatchObject({ token: 'environment' });
  });

  it('an endpoint must be safe', async () => {
    for (const bad of ['http://hub.example', 'ftp://127.0.0.1', 'nonsense', 'https://user:word@hub.example']) { env['HF_ENDPOINT'] = bad; await expect(t.api.hub.inspect({ model: 'acme/tiny' }), bad).rejects.toMatchObject({ code: 'bad-request' }); }
  });
});
