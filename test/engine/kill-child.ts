/** Child of the kill test: trains on the folder it is given, resuming from the newest checkpoint, and prints the step of every checkpoint. Arguments: model folder, run folder, steps. */

import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { listCheckpoints } from '../../src/main/engine/train/checkpoint.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { tinyRows } from './tiny-model.ts';

const [modelFolder, runFolder, steps] = process.argv.slice(2) as [string, string, string];
const config = sftTrain.parse({ learning_rate: 5e-3, lr_scheduler_type: 'constant', max_steps: Number(steps), per_device_train_batch_size: 2, eval_steps: 0, save_steps: 1, save_total_limit: 2 });
const adapter = loraAdapter.parse({ r: 2, lora_dropout: 0.1 });
await trainRun({ method: 'sft', config, adapter, modelFolder, start: null, rows: tinyRows(9), evalRows: [], runFolder, resume: listCheckpoints(runFolder).at(-1) ?? null, threads: 1, recipeHash: 'kill' }, (e) => {
  if (e.type === 'checkpoint' || e.type === 'start') process.stdout.write(`${e.step}\n`);
});
