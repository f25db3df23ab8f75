/** A GGUF file with a Modelfile beside it: `ollama create NAME -f Modelfile` in the folder. The Modelfile's TEMPLATE is written only where the chat template is one that we know (ollama/templates.ts). */
import { textFile } from '../side-files.ts';
import type { Exporter } from '../exporter.ts';
import { modelfile } from '../ollama/modelfile.ts';
import { writeSideFiles } from '../write-files.ts';
import { gguf, ggufName } from './gguf.ts';

export const ollama: Exporter = {
  id: 'ollama',
  plan: async (source, options) => {
    const inner = await gguf.plan(source, options), { text, notes } = modelfile(source, ggufName(options), options.system), file = textFile('Modelfile', text);
    return {
      ...inner, files: [...inner.files, { name: file.name, bytes: file.bytes }], notes: [...inner.notes, ...notes],
      write: async (ctx) => { await inner.write(ctx); writeSideFiles(ctx, [file]); },
      usage: `In this folder: \`ollama create ${options.name.toLowerCase()} -f Modelfile\`.`,
    };
  },
};
