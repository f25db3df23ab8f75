/** The import calls answered with invented data: a GGUF file takes some seconds, a folder is there at once. */
import type { contract } from '../../src/shared/contract.ts';
import type { Service } from '../../src/shared/rpc/define.ts';
import type { ModelImport } from '../../src/shared/schema/model-import.ts';
import { MODELS } from './fixture-data.ts';

const BYTES = 269_000_000, RATE = 31_000_000;
export function fixtureImports(): Pick<Service<typeof contract.models>, 'startImport' | 'imports' | 'cancelImport'> {
  const jobs = new Map<string, ModelImport>();
  return {
    startImport: ({ path, name }) => {
      const gguf = path.endsWith('.gguf'), id = `imp-${Date.now()}`, job: ModelImport = { id, name: name ?? 'SmolLM2-135M', path, format: gguf ? 'gguf' : 'folder', status: gguf ? 'running' : 'done', bytes: gguf ? BYTES : 0, bytes_done: 0, bytes_per_second: null, seconds_left: null, error: null, model_id: gguf ? null : MODELS[1]?.id ?? null, started_at: Date.now(), ended_at: null };
      jobs.set(id, job);
      return job;
    },
    imports: async function* (_i, { signal }) {
      while (!signal.aborted) {
        for (const [id, j] of jobs) {
          if (j.status !== 'running') continue;
          const done = Math.min(BYTES, ((Date.now() - j.started_at) / 1000) * RATE);
          jobs.set(id, done < BYTES ? { ...j, bytes_done: done, bytes_per_second: RATE, seconds_left: (BYTES - done) / RATE } : { ...j, status: 'done', bytes_done: BYTES, bytes_per_second: null, seconds_left: null, model_id: MODELS[1]?.id ?? null, ended_at: Date.now() });
        }
        yield { imports: [...jobs.values()] };
        await new Promise((r) => { setTimeout(r, 250); });
      }
    },
    cancelImport: ({ id }) => { jobs.delete(id); return { ok: true }; },
  };
}
