/** An ONNX decoder for onnxruntime and transformers.js: onnx/model.onnx (large weights in onnx/model.onnx_data), config.json, generation_config.json, tokenizer files. float32; standard ops only. */
import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../../io/durable.ts';
import type { ExportFile } from '../../../../shared/schema/export.ts';
import type { Exporter, WriteContext } from '../exporter.ts';
import { isExact, isUntied, mergedTensors, tensorPieces, type ExportTensor } from '../merged-tensors.ts';
import type { DecoderConfig } from '../../models/config.ts';
import { decoderGraph } from '../onnx/decoder-graph.ts';
import { encodeOnnx, type EncodedOnnx } from '../onnx/encode.ts';
import { lowerSymbolic } from '../onnx/lower-symbolic.ts';
import { TRIALS } from '../onnx/sizes.ts';
import { onnxAnswerer } from '../proof/onnx-answerer.ts';
import { configFile, tokenizerFiles } from '../side-files.ts';
import { writeSideFiles } from '../write-files.ts';
import { largestMerge } from './hf.ts';

const FOLDER = 'onnx';
const MODEL = 'model.onnx';
const DATA = 'model.onnx_data';

export const onnx: Exporter = {
  id: 'onnx',
  plan: async (source, options) => {
    const { model } = source, { config } = model, tensors = mergedTensors(source), byName = new Map(tensors.map((t) => [t.name, t]));
    const head = isUntied(source) ? 'lm_head.weight' : model.family.headWeight(config), shapeOf = (name: string): readonly number[] => (byName.get(name) as ExportTensor).shape;
    const symbolic = lowerSymbolic(TRIALS.map((sizes) => decoderGraph(model, { shapeOf, head }, sizes)));
    const sized = encodeOnnx(symbolic, DATA, (name) => new Uint8Array(shapeOf(name).reduce((n, d) => n * d, 4)));
    const large = sized.externalBytes > 0;
    const side = [configFile(source, 'F32', large ? { 'transformers.js_config': { use_external_data_format: true } } : {}), ...tokenizerFiles(source)];
    const files: ExportFile[] = [{ name: `${FOLDER}/${MODEL}`, bytes: sized.model.length }, ...(large ? [{ name: `${FOLDER}/${DATA}`, bytes: sized.externalBytes }] : []), ...side.map(({ name, bytes }) => ({ name, bytes }))];
    return {
      files, lossless: isExact(tensors, 'F32'), workingBytes: largestMerge(tensors) + 2 * sized.model.length, scratchBytes: 0, reader: 'onnx', notes: changesPositions(config) ? ['The positions of this model depend on the length of the text (longrope or dynamic scaling): a program that keeps its cache must start the cache again when a text grows past the original context.'] : [],
      write: async (ctx) => {
        mkdirSync(join(ctx.folder, FOLDER));
        const encoded = large ? sized : encodeOnnx(symbolic, DATA, (name) => joined(byName.get(name) as ExportTensor));
        writeFileDurably(join(ctx.folder, FOLDER, MODEL), encoded.model);
        ctx.onBytes(encoded.model.length);
        if (large) await writeData(ctx, encoded, byName);
        writeSideFiles(ctx, side);
      },
      reopen: (folder) => onnxAnswerer(join(folder, FOLDER, MODEL), { layers: config.layers, kvHeads: config.kvHeads, headDim: config.headDim, vocabSize: config.vocabSize }, options.threads),
      usage: 'Loads in onnxruntime (`onnx/model.onnx`: input_ids, attention_mask, position_ids, past_key_values.N.key and .value; logits and present.N.* come back) and in transformers.js with `dtype: "fp32"`.',
    };
  },
};

/** Some layer's rotary positions depend on how long the sequence is. */
function changesPositions({ blocks }: DecoderConfig): boolean {
  return blocks.some((b) => b.rope !== null && (b.rope.scaling.type === 'longrope' || b.rope.scaling.type === 'dynamic'));
}

function joined(tensor: ExportTensor): Uint8Array {
  return new Uint8Array(Buffer.concat([...tensorPieces(tensor, 'F32')]));
}

async function writeData({ folder, onBytes, signal }: WriteContext, { external }: EncodedOnnx, tensors: ReadonlyMap<string, ExportTensor>): Promise<void> {
  const file = await open(join(folder, FOLDER, DATA), 'w');
  try {
    let end = 0;
    for (const { name, offset, bytes, data } of external) {
      let at = offset;
      for (const piece of data === null ? tensorPieces(tensors.get(name) as ExportTensor, 'F32') : [data]) {
        signal.throwIfAborted();
        for (let done = 0; done < piece.byteLength;) done += (await file.write(piece, done, Math.min(piece.byteLength - done, 1 << 26), at + done)).bytesWritten;
        at += piece.byteLength;
      }
      onBytes(offset + bytes - end);
      end = offset + bytes;
    }
    await file.sync();
  } finally { await file.close(); }
}
