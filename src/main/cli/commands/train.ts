/** anneal train */
import { wantedDevice } from '../../host/devices.ts';
import type { Command } from '../command.ts';
import { eventsFile } from '../events-file.ts';
import { followRun } from '../follow-run.ts';
import { readRecipe } from '../recipe-input.ts';
import { withHost } from '../session.ts';

export const train: Command = {
  name: 'train', takes: '<recipe.yaml>', positionals: [1, 1], summary: 'Runs a recipe to its end.',
  details: 'Paths in the recipe count from its folder. Ctrl-C finishes the step, saves, and says how to continue. Prints the run\'s id and its last checkpoint.',
  options: {
    set: { type: 'string', multiple: true, value: 'key=value', help: 'change a value of the recipe, such as train.learning_rate=1e-4; may be repeated' },
    events: { type: 'string', value: 'file.jsonl', help: 'append one JSON object for each event' },
    quiet: { type: 'boolean', help: 'no progress' },
    json: { type: 'boolean', help: 'print the result as JSON' },
  },
  run: async (call) => {
    const recipe = readRecipe(call.positionals[0] ?? '', call.texts('set'));
    const events = eventsFile(call.text('events'));
    try {
      return await withHost(call.home, async ({ host }) => {
        const { resolver, runs, embedded, devices } = host.context;
        await embedded.ready;
        const resolved = await resolver.recipe(recipe);
        await devices.choose(wantedDevice(resolved.recipe)); // refused before there is a run
        return followRun(host, runs.create(resolved).id, { events, quiet: call.flag('quiet'), json: call.flag('json'), io: call.io });
      });
    } catch (e) { events.fail(e); throw e; }
  },
};
