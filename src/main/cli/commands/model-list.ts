/** anneal model list */
import { formatBytes, formatCount } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { self } from '../self.ts';
import { withHost } from '../session.ts';
import { table } from '../table.ts';

export const modelList: Command = {
  name: 'model list', takes: '', positionals: [0, 0], summary: 'Lists models.',
  options: { json: { type: 'boolean', help: 'as JSON' } },
  run: (call) => withHost(call.home, async ({ api }) => {
    const list = await api.models.list();
    if (call.flag('json')) call.io.out(`${JSON.stringify(list)}\n`);
    else if (list.length === 0) call.io.out(`No models yet: ${self()} model import <folder> registers one.\n`);
    else call.io.out(`${table(['id', 'name', 'family', 'parameters', 'dtype', 'size', 'folder'], list.map((m) => [m.id, m.name, m.family, formatCount(m.parameters), m.dtype, formatBytes(m.bytes), m.missing ? `${m.path} (missing)` : m.path]), [3, 5])}\n`);
    return 0;
  }),
};
