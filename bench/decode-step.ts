/** Greedy decode speed of Anneal: decode-step.ts <model folder> <threads> <batch> <prompt> <format>. Each line "<n>" on stdin: reads the prompt anew, makes n tokens a row one by one,
 * prints milliseconds for the n steps: everything between two tokens of the generator, cache and event handling included. */

import { createInterface } from 'node:readline';
import { WEIGHT_FORMATS } from '../src/shared/schema/generate.ts';
import { createGenerator } from '../src/main/engine/generate/index.ts';
import { openModelFolder } from '../src/main/engine/io/model-folder.ts';
import { parseModel } from '../src/main/engine/models/index.ts';
import { checkParameters } from '../src/main/engine/models/parameters.ts';

const [folder = '', threads = '2', batch = '1', prompt = '64', asked = 'fp32'] = process.argv.slice(2);
const format = WEIGHT_FORMATS.find((f) => f === asked) ?? 'fp32';
const { config, tensors } = openModelFolder(folder);
const model = parseModel(config);
const generator = createGenerator({ model, weights: checkParameters(model, tensors) }, { threads: Number(threads), format, spin: true });
const prompts = Array.from({ length: Number(batch) }, (_, s) => Array.from({ length: Number(prompt) }, (_x, i) => 2 + ((i * 7 + s * 13) % 1000)));
const sampling = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  let began = 0, seen = 0;
  for await (const event of generator.generate({ prompts, sampling, maxNewTokens: Number(line) + 1 })) if (event.type === 'token' && ++seen === prompts.length) began = performance.now();
  process.stdout.write(`${performance.now() - began}\n`);
}
await generator.dispose();
