/** anneal model import */
import { formatBytes, formatCount } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { withHost } from '../session.ts';

export const modelImport: Command = {
  name: 'model import', takes: '<folder>', positionals: [1, 1], summary: 'Registers a Hugging Face folder (config.json, safetensors, tokenizer.json).',
  details: 'The folder stays where it is; nothing is copied.',
  options: { name: { type: 'string', value: 'name', help: 'default: the folder\'s name' }, json: { type: 'boolean', help: 'print the record as JSON' } },
  run: (call) => withHost(call.home, async ({ host }) => {
    const model = await host.context.models.import(call.positionals[0] ?? '', { name: call.text('name') });
    call.io.out(call.flag('json') ? `${JSON.stringify(model)}\n` : `model ${model.id}\n${model.name}: ${model.family}, ${formatCount(model.parameters)} parameters, ${model.dtype}, ${formatBytes(model.bytes)}, context ${model.context}${model.has_template ? '' : ', no chat template'}\n`);
    return 0;
  }),
};
