/** A merged Hugging Face folder: config.json, safetensors (sharded by size, with its index), tokenizer, generation_config, chat template. Loads in transformers, vLLM and everything that reads their folders. */
import { join } from 'node:path';
import { modelAnswerer } from '../proof/answerer.ts';
import { writeSafetensorsStream, type TensorLayout } from '../../io/safetensors-stream.ts';
import type { Exporter } from '../exporter.ts';
import { isExact, mergedTensors, tensorPieces, type ExportTensor, type FloatType } from '../merged-tensors.ts';
import { DEFAULT_SHARD_BYTES, planShards } from '../shards.ts';
import { configFile, textFile, tokenizerFiles } from '../side-files.ts';
import { openExportSource } from '../source.ts';
import { writeSideFiles } from '../write-files.ts';

export const hf: Exporter = {
  id: 'hf',
  plan: async (source, options) => {
    const type = options.type as FloatType, tensors = mergedTensors(source), byName = new Map(tensors.map((t) => [t.name, t]));
    const layout = tensors.map((t): TensorLayout => ({ name: t.name, shape: t.shape, dtype: type }));
    const { shards, index } = planShards(layout, options.maxShardBytes ?? DEFAULT_SHARD_BYTES);
    const side = [configFile(source, type), ...tokenizerFiles(source), ...(index === null ? [] : [textFile('model.safetensors.index.json', index)])];
    return {
      files: [...shards.map((s) => ({ name: s.file, bytes: s.plan.bytes })), ...side.map(({ name, bytes }) => ({ name, bytes }))],
      lossless: isExact(tensors, type), workingBytes: largestMerge(tensors), scratchBytes: 0, notes: [], reader: 'folder',
      write: async (ctx) => {
        for (const { file, plan } of shards) await writeSafetensorsStream(join(ctx.folder, file), plan, (t) => tensorPieces(byName.get(t.name) as ExportTensor, type), ctx.onBytes, ctx.signal);
        writeSideFiles(ctx, side);
      },
      reopen: async (folder) => modelAnswerer(await openExportSource({ folder, checkpoint: null, chat_template: null }), options.threads),
      usage: 'Loads with `AutoModelForCausalLM.from_pretrained` of transformers, and with whatever reads Hugging Face folders.',
    };
  },
};

/** float32 values of the largest tensor that must be whole in memory: as read, and as written. */
export function largestMerge(tensors: readonly ExportTensor[]): number {
  return Math.max(64e6, ...tensors.map((t) => (t.merged ? t.shape.reduce((n, d) => n * d, 4) * 1.5 : 0)));
}
