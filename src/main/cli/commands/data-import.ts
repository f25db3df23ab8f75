/** anneal data import */
import type { Command } from '../command.ts';
import { pairs } from '../parse.ts';
import { withHost } from '../session.ts';

export const dataImport: Command = {
  name: 'data import', takes: '<file>', positionals: [1, 1], summary: 'Imports a dataset (JSONL, JSON, CSV, text).',
  options: {
    name: { type: 'string', value: 'name', help: 'default: the file\'s name' },
    format: { type: 'string', value: 'format', help: 'messages, prompt-completion, alpaca, sharegpt or text; default: told from the rows' },
    columns: { type: 'string', multiple: true, value: 'field=column', help: 'which column holds a field; may be repeated' },
    'skip-bad-rows': { type: 'boolean', help: 'leave out rows that cannot be read instead of refusing the file' },
    json: { type: 'boolean', help: 'print the record as JSON' },
  },
  run: (call) => withHost(call.home, async ({ host }) => {
    const columns = pairs(call.texts('columns').flatMap((t) => t.split(',').map((p) => p.trim())), 'columns');
    const dataset = await host.context.datasets.import(call.positionals[0] ?? '', { name: call.text('name'), format: call.text('format'), columns: columns.length === 0 ? undefined : Object.fromEntries(columns), skipBadRows: call.flag('skip-bad-rows') });
    call.io.out(call.flag('json') ? `${JSON.stringify(dataset)}\n` : `dataset ${dataset.id}\n${dataset.name}: ${dataset.rows} rows (${dataset.format})${dataset.bad_rows === 0 ? '' : `, ${dataset.bad_rows} left out`}\n`);
    return 0;
  }),
};
