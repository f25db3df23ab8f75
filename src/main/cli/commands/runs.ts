/** anneal runs */
import { formatValue } from '../../../shared/units.ts';
import type { Command } from '../command.ts';
import { self } from '../self.ts';
import { withHost } from '../session.ts';
import { table } from '../table.ts';

export const runs: Command = {
  name: 'runs', takes: '', positionals: [0, 0], summary: 'Lists runs.',
  options: { json: { type: 'boolean', help: 'as JSON' } },
  run: (call) => withHost(call.home, async ({ api }) => {
    const list = await api.runs.list();
    if (call.flag('json')) call.io.out(`${JSON.stringify(list)}\n`);
    else if (list.length === 0) call.io.out(`No runs yet: ${self()} train <recipe.yaml> makes one.\n`);
    else call.io.out(`${table(['id', 'name', 'status', 'step', 'loss', 'note'], list.map((r) => [r.id, r.name, r.status, `${r.step}/${r.total_steps}`, r.last['loss'] === undefined ? '' : formatValue(r.last['loss']), r.error?.message ?? r.note ?? '']), [3, 4])}\n`);
    return 0;
  }),
};
