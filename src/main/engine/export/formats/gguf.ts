/** A GGUF file for llama.cpp and everything built on it, with tokenizer and chat template inside. The bytes are io/gguf's work; read back through our GGUF importer. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportType } from '../../../../shared/export-formats.ts';
import { importGguf } from '../../io/gguf/import-gguf.ts';
import { planGguf, writeGguf, type GgufSource } from '../../io/gguf/write-gguf.ts';
import type { Exporter, PlannedExport, ExportOptions } from '../exporter.ts';
import { checkedForHalf, isUntied, mergedTensors, type ExportTensor } from '../merged-tensors.ts';
import { modelAnswerer } from '../proof/answerer.ts';
import { openExportSource, type ExportSource } from '../source.ts';

export const gguf: Exporter = {
  id: 'gguf',
  plan: async (source, options) => {
    const tensors = mergedTensors(source), from = ggufSource(source, options, tensors), { bytes, notes } = planGguf(from, options.type), file = ggufName(options);
    return {
      files: [{ name: file, bytes }], lossless: tensors.every((t) => keeps(t, options.type)), notes, reader: 'gguf',
      // The values of one tensor, the same in GGUF's order, and its bytes.
      workingBytes: Math.max(...tensors.map((t) => t.shape.reduce((n, d) => n * d, 4))) * 3,
      // Read back, what was reordered or quantised is unpacked into a folder of its own for the length of the proof.
      scratchBytes: tensors.reduce((n, t) => n + t.shape.reduce((a, b) => a * b, options.type === 'F32' ? 4 : 2), 0),
      write: async ({ folder, onBytes, signal }) => {
        let told = 0;
        await writeGguf(join(folder, file), from, options.type, { signal, onProgress: (done) => { onBytes(done - told); told = done; } });
      },
      reopen: async (folder) => {
        const scratch = join(folder, '.proof');
        try {
          await importGguf(join(folder, file), scratch);
          const answerer = modelAnswerer(await openExportSource({ folder: scratch, checkpoint: null, chat_template: null }), options.threads);
          return { ...answerer, dispose: async () => { await answerer.dispose(); rmSync(scratch, { recursive: true, force: true }); } };
        } catch (e) { rmSync(scratch, { recursive: true, force: true }); throw e; }
      },
      usage: 'Loads in llama.cpp and in programs that are built on it; the chat template is inside the file.',
    } satisfies PlannedExport;
  },
};

export const ggufName = ({ name, type }: Pick<ExportOptions, 'name' | 'type'>): string => `${name}-${type}.gguf`;

function ggufSource(source: ExportSource, options: ExportOptions, tensors: readonly ExportTensor[]): GgufSource {
  const json = (name: string): Record<string, unknown> => { try { return JSON.parse(readFileSync(join(source.ref.folder, name), 'utf8')) as Record<string, unknown>; } catch { return {}; } };
  return {
    config: { ...source.model.config.raw, ...(isUntied(source) ? { tie_word_embeddings: false } : {}) }, tokenizerJson: json('tokenizer.json'), tokenizerConfig: { ...json('special_tokens_map.json'), ...json('tokenizer_config.json') },
    chatTemplate: source.template?.source ?? null, name: options.name, license: options.license, baseModel: options.base,
    tensors: tensors.map((t) => ({ name: t.name, shape: t.shape, read: () => (options.type === 'F16' && t.shape.length > 1 ? checkedForHalf(t) : t.floats()) })),
  };
}

/** Vectors stay float32 in every type. */
function keeps(t: ExportTensor, type: ExportType): boolean {
  if (t.stored === 'F64') return false;
  return t.shape.length < 2 || type === 'F32' || (t.stored === type && !t.merged);
}
