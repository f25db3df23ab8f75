/** The `hub` calls answered with invented data: `acme/tiny-135M` can be downloaded (it takes a few seconds), `acme/gated` asks for a token, anything else is not there. */
import { setTimeout as wait } from 'node:timers/promises';
import type { contract } from '../../src/shared/contract.ts';
import { AnnealError } from '../../src/shared/errors.ts';
import type { Service } from '../../src/shared/rpc/define.ts';
import type { Download, HubAccess, HubFile, HubPreview } from '../../src/shared/schema/hub.ts';

const BYTES = 271_000_000;
const file = (path: string, kind: HubFile['kind'], bytes: number): HubFile => ({ path, bytes, kind, sha256: kind === 'weights' ? 'ab'.repeat(32) : null, sha1: kind === 'weights' ? null : 'cd'.repeat(20) });

export function fixtureHub(failed: boolean): Service<typeof contract.hub> {
  const downloads = new Map<string, Download>();
  let token: HubAccess['token'] = 'none';
  const endpoint = 'hub.example';
  const access = (): HubAccess => ({ endpoint, token });
  const inspect = (wanted: string): HubPreview => {
    const [model = '', revision = 'main'] = wanted.split('@');
    if (failed) throw new AnnealError('hub-unreachable', `${endpoint} cannot be reached.`);
    if (model === 'acme/gated' && token === 'none') throw new AnnealError('hub-refused', `"${model}" is gated: accept its conditions on its page, then give an access token.`);
    if (!model.startsWith('acme/')) throw new AnnealError('hub-not-found', `${endpoint} has no model "${model}".`);
    const files = [file('config.json', 'config', 861), file('generation_config.json', 'config', 132), file('model.safetensors', 'weights', BYTES), file('tokenizer.json', 'tokenizer', 2_100_000), file('tokenizer_config.json', 'tokenizer', 3700), file('README.md', 'card', 5100)];
    return { model, revision, commit: '12fd25f77366fa6b3b4b768ec3050bf629380bac', endpoint, license: 'apache-2.0', license_link: null, gated: model === 'acme/gated', private: false, family: 'llama', supported: true, format: 'folder', files, bytes: files.reduce((n, f) => n + f.bytes, 0), gguf: [], disk_free: 182e9, disk_needed: 274e6, problems: [], model_id: null };
  };
  const get = (id: string): Download => { const d = downloads.get(id); if (!d) throw new AnnealError('not-found', `There is no download with the id "${id}".`); return d; };
  const set = (id: string, patch: Partial<Download>): Download => { const d = { ...get(id), ...patch }; downloads.set(id, d); return d; };
  const move = (): void => {
    for (const d of downloads.values()) {
      if (d.status !== 'running') continue;
      const done = Math.min(d.bytes, d.bytes_done + 20e6);
      set(d.id, { bytes_done: done, bytes_per_second: 40e6, seconds_left: (d.bytes - done) / 40e6, ...(done === d.bytes ? { status: 'done', files_done: d.files, file: null, model_id: 'smol-135', folder: '/home/ada/models/tiny', ended_at: Date.now(), seconds_left: null } : {}) });
    }
  };
  return {
    inspect: async ({ model }) => { await wait(300); return inspect(model); },
    download: ({ model, name }) => {
      const p = inspect(model), id = `dl-${downloads.size + 1}`;
      downloads.set(id, { id, model: p.model, name: name ?? 'tiny-135M', revision: p.revision, commit: p.commit, endpoint, license: p.license, format: p.format, status: 'running', bytes: p.bytes, bytes_done: 0, files: p.files.length, files_done: 2, file: 'model.safetensors', bytes_per_second: null, seconds_left: null, error: null, model_id: null, folder: null, started_at: Date.now(), ended_at: null });
      return get(id);
    },
    list: () => [...downloads.values()],
    watch: async function* (_i, { signal }) { for (;;) { yield { downloads: [...downloads.values()] }; try { await wait(500, undefined, { signal }); } catch { return; } move(); } },
    pause: ({ id }) => set(id, { status: 'paused' }), resume: ({ id }) => set(id, { status: 'running', error: null }), cancel: ({ id }) => { get(id); downloads.delete(id); return { ok: true }; },
    access, token: ({ token: given, remember }) => { token = given === null ? 'none' : remember ? 'file' : 'memory'; return access(); },
  };
}
