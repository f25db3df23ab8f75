/** anneal model import */
import { formatBytes, formatCount } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { withHost } from '../session.ts';

export const modelImport: Command = {
  name: 'model import', takes: '<folder or .gguf>', positionals: [1, 1], summary: 'Registers a Hugging Face folder (config.json, safetensors, tokenizer.json) or a GGUF file.',
  details: 'A folder stays where it is and nothing is copied. Of a GGUF file, weights in F32, F16 and BF16 are used where they lie; quantised ones are converted once.',
  options: { name: { type: 'string', value: 'name', help: 'default: that of the folder or file' }, json: { type: 'boolean', help: 'print the record as JSON' } },
  run: (call) => withHost(call.home, async ({ host }) => {
    const model = await host.context.models.import(call.positionals[0] ?? '', { name: call.text('name') });
    call.io.out(call.flag('json') ? `${JSON.stringify(model)}\n` : `model ${model.id}\n${model.name}: ${model.family}, ${formatCount(model.parameters)} parameters, ${model.dtype}, ${formatBytes(model.bytes)}, context ${model.context}${model.has_template ? '' : ', no chat template'}\n`);
    return 0;
  }),
};
