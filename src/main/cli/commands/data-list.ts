/** anneal data list */
import { formatBytes } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { self } from '../self.ts';
import { withHost } from '../session.ts';
import { table } from '../table.ts';

export const dataList: Command = {
  name: 'data list', takes: '', positionals: [0, 0], summary: 'Lists datasets.',
  options: { json: { type: 'boolean', help: 'as JSON' } },
  run: (call) => withHost(call.home, async ({ api }) => {
    const list = await api.datasets.list();
    if (call.flag('json')) call.io.out(`${JSON.stringify(list)}\n`);
    else if (list.length === 0) call.io.out(`No datasets yet: ${self()} data import <file> makes one.\n`);
    else call.io.out(`${table(['id', 'name', 'format', 'rows', 'size', 'version'], list.map((d) => [d.id, d.name, d.format, String(d.rows), formatBytes(d.bytes), d.version.slice(0, 12)]), [3, 4])}\n`);
    return 0;
  }),
};
