/** anneal resume */
import type { Command } from '../command.ts';
import { eventsFile } from '../events-file.ts';
import { followRun } from '../follow-run.ts';
import { withHost } from '../session.ts';

export const resume: Command = {
  name: 'resume', takes: '<run>', positionals: [1, 1], summary: 'Continues a run from its last checkpoint.',
  details: '<run> is an id, a name, or "latest".',
  options: {
    events: { type: 'string', value: 'file.jsonl', help: 'append one JSON object for each event' },
    quiet: { type: 'boolean', help: 'no progress' },
    json: { type: 'boolean', help: 'print the result as JSON' },
  },
  run: async (call) => {
    const events = eventsFile(call.text('events'));
    try {
      return await withHost(call.home, async ({ host }) => {
        const { resolver, runs } = host.context, id = resolver.run(call.positionals[0] ?? '');
        runs.resume(id);
        return followRun(host, id, { events, quiet: call.flag('quiet'), json: call.flag('json'), io: call.io });
      });
    } catch (e) { events.fail(e); throw e; }
  },
};
