/** A PEFT adapter folder: the checkpoint's adapter as peft reads it, beside the tokenizer and the template it was trained with. The base model is named, not copied. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AnnealError } from '../../../../shared/errors.ts';
import type { Exporter } from '../exporter.ts';
import { modelAnswerer } from '../proof/answerer.ts';
import { jsonFile, tokenizerFiles, type SideFile } from '../side-files.ts';
import { openExportSource } from '../source.ts';
import { writeSideFiles } from '../write-files.ts';

const WEIGHTS = 'adapter_model.safetensors';
const CONFIG = 'adapter_config.json';

export const peft: Exporter = {
  id: 'peft',
  plan: async (source, options) => {
    const { checkpoint } = source.ref;
    if (checkpoint?.kind !== 'adapter') throw new AnnealError('bad-request', 'Only a checkpoint that holds an adapter can be exported as a PEFT adapter: choose a checkpoint of a LoRA run, or export the weights as a Hugging Face folder.');
    const folder = checkpoint.folder, from = (name: string): SideFile => { const path = join(folder, name); return { name, bytes: statSync(path).size, read: () => readFileSync(path) }; };
    const config = JSON.parse(readFileSync(join(folder, CONFIG), 'utf8')) as Record<string, unknown>;
    // A path of this machine says nothing elsewhere: the name that people know stands in its place.
    const side = [from(WEIGHTS), jsonFile(CONFIG, { ...config, base_model_name_or_path: options.base }), ...tokenizerFiles(source).filter((f) => f.name !== 'generation_config.json')];
    return {
      files: side.map(({ name, bytes }) => ({ name, bytes })), lossless: true, workingBytes: statSync(join(folder, WEIGHTS)).size * 2, scratchBytes: 0, reader: 'adapter',
      notes: readdirSync(folder).includes('optimizer.safetensors') ? ['The optimiser state stays with the run: it is of no use elsewhere.'] : [],
      write: async (ctx) => { writeSideFiles(ctx, side); },
      reopen: async (written) => modelAnswerer(await openExportSource({ ...source.ref, checkpoint: { folder: written, kind: 'adapter' } }), options.threads),
      usage: 'Loads with `PeftModel.from_pretrained(base, folder)` on the base model named above.',
    };
  },
};
