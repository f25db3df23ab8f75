/** Exports for the renderer's tests: one that is done with its proof, one under way; plans and starts answer at once. */
import type { Change } from '../../src/shared/contract.ts';
import type { contract } from '../../src/shared/contract.ts';
import { AnnealError } from '../../src/shared/errors.ts';
import { EXPORT_FORMATS } from '../../src/shared/export-formats.ts';
import type { Service } from '../../src/shared/rpc/define.ts';
import type { ExportRecord } from '../../src/shared/schema/export.ts';
import { NOW } from './fixture-data.ts';

export function exportRecord(patch: Partial<ExportRecord> = {}): ExportRecord {
  return {
    id: 'exp-done', model_id: 'smol-135', model_name: 'SmolLM2-135M', checkpoint_id: null, checkpoint_name: null, run_id: null, format: 'gguf', type: 'Q8_0', lossless: false, max_shard_bytes: null, system: null, path: '/home/ada/SmolLM2-135M-Q8_0',
    status: 'done', phase: 'finish', progress: 1, bytes_done: 144_811_456, bytes: 144_815_202, bytes_per_second: null, seconds_left: null, files: [{ name: 'SmolLM2-135M-Q8_0.gguf', bytes: 144_811_456 }, { name: 'README.md', bytes: 3746 }],
    peak_rss: { write: 388e6, total: 1.21e9 }, weight_hash: '5e1b41b7c3a9', proof: { reader: 'gguf', prompts: 32, positions: 412, max_abs_diff: 0.4127, mean_abs_diff: 0.0311, max_abs_logit: 27.4, mean_kl: 0.00093, same_top: 0.985, same_text: 0.875, same_tokens: 0.93, tokens: 768, lossless: false, tolerance: null, passed: null, seconds: 41.2, example: { prompt: 'The sea', app: ' is wide and blue', exported: ' is wide and deep' } },
    notes: [], error: null, created_at: NOW - 3.6e6, ended_at: NOW - 3.5e6, ...patch,
  };
}

export function fixtureExports(empty: boolean, tell: (change: Change) => void): Service<typeof contract.exports> {
  let records: ExportRecord[] = empty ? [] : [exportRecord()];
  const set = (record: ExportRecord): ExportRecord => { records = [...records.filter((r) => r.id !== record.id), record]; tell({ topic: 'export', id: record.id, record }); return record; };
  const find = (id: string): ExportRecord => { const found = records.find((r) => r.id === id); if (!found) throw new AnnealError('not-found', `There is no export with the id ${id}.`); return found; };
  const typeOf = (format: ExportRecord['format'], type: ExportRecord['type'] | undefined): ExportRecord['type'] => type ?? EXPORT_FORMATS.find((f) => f.id === format)?.default ?? 'F32';
  return {
    list: () => records,
    plan: ({ format, type, out }) => ({
      format, type: typeOf(format, type), lossless: typeOf(format, type) === 'F32', name: `SmolLM2-135M-${typeOf(format, type)}`, files: [{ name: 'model.safetensors', bytes: 538_090_408 }, { name: 'README.md', bytes: 16_384 }], bytes: 538_106_792, scratch: 0,
      memory: { write: 612e6, prove: 1.3e9, available: 17.2e9 }, free: out === undefined ? null : 182e9, fits: true, notes: [],
    }),
    start: ({ format, type, out, model_id: model, checkpoint_id: checkpoint }) => set(exportRecord({ id: `exp-${records.length + 1}`, model_id: model, checkpoint_id: checkpoint, format, type: typeOf(format, type), path: out, status: 'running', phase: 'write', progress: 0.31, bytes_done: 166e6, bytes: 538_106_792, bytes_per_second: 91e6, seconds_left: 4, files: [], peak_rss: null, proof: null, ended_at: null })),
    cancel: ({ id }) => set({ ...find(id), status: 'cancelled', ended_at: NOW }),
    remove: ({ id }) => { records = records.filter((r) => r.id !== id); tell({ topic: 'export', id, record: null }); return { ok: true }; },
  };
}
