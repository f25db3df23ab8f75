/**
 * Makes what both sides of the training rows read: models as Hugging Face folders (random weights of the 135M shape; SmolLM2 through our import of its GGUF file), rows as JSONL, and the same rows as a dataset version of ours.
 *   node bench/peer/train-prepare.ts <folder> [<SmolLM2 .gguf>]
 * What is there already is kept.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importDataset } from '../../src/main/data/version/import-dataset.ts';
import { importGguf } from '../../src/main/engine/io/gguf/import-gguf.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';
import { SHAPE } from '../lora-135m.ts';
import { completions, pairs } from './train-data.ts';

const [folder, gguf] = process.argv.slice(2);
if (folder === undefined) throw new Error('node bench/peer/train-prepare.ts <folder> [<SmolLM2 .gguf>]');
const models = join(folder, 'models');
mkdirSync(models, { recursive: true });
const real = join(models, 'smollm2'), random = join(models, '135m');
if (gguf !== undefined && !existsSync(real)) await importGguf(gguf, real);
const tokenizer = existsSync(real) ? real : join(import.meta.dirname, '../../resources/demo/model');
if (!existsSync(random)) {
  const making = `${random}.tmp`;
  rmSync(making, { recursive: true, force: true });
  initModel({ ...SHAPE, architectures: ['LlamaForCausalLM'], bos_token_id: 1, eos_token_id: 2, pad_token_id: 2 }, making, 1);
  for (const name of readdirSync(tokenizer)) if (/^(tokenizer|special_tokens|vocab|merges|added_tokens|chat_template)/.test(name)) copyFileSync(join(tokenizer, name), join(making, name));
  renameSync(making, random);
}
for (const [name, rows] of [['completions', completions(400)], ['pairs', pairs(200)]] as const) {
  const file = join(folder, `${name}.jsonl`);
  if (existsSync(`${file}.dir`)) continue;
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { dir } = await importDataset(file, join(folder, 'datasets'));
  writeFileSync(`${file}.dir`, dir);
}
