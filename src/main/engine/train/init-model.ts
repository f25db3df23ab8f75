/** Writes a model with random weights, as transformers initialises them: normal with deviation `initializer_range` (0.02), norms one, biases zero. Seeded: the same seed gives the same file.
 * Run: node src/main/engine/train/init-model.ts <config.json> <new folder> [seed] */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { AnnealError } from '../../../shared/errors.ts';
import { writeModelFiles, type WeightFormat } from '../io/save-model.ts';
import type { ParameterSpec } from '../models/family.ts';
import { parseModel } from '../models/index.ts';
import { parameterCount } from '../models/parameters.ts';
import { Random, STREAM } from '../nn/random.ts';

/** Returns the number of parameters. The folder is created; files in it are overwritten. */
export function initModel(config: Record<string, unknown>, folder: string, seed: number, format: WeightFormat = 'F32'): number {
  const model = parseModel(config);
  const deviation = typeof config['initializer_range'] === 'number' ? config['initializer_range'] : 0.02;
  const specs = model.family.parameters(model.config);
  mkdirSync(folder, { recursive: true });
  writeModelFiles(folder, config, specs.map((spec, index) => ({ name: spec.name, shape: spec.shape, data: () => initialTensor(spec, index, seed, deviation) })), format);
  return parameterCount(specs);
}

function initialTensor(spec: ParameterSpec, index: number, seed: number, deviation: number): Float32Array {
  const data = new Float32Array(spec.shape.reduce((a, b) => a * b, 1));
  if (spec.role === 'norm' || spec.role === 'bias') return data.fill(spec.initial ?? (spec.role === 'norm' ? 1 : 0));
  const random = new Random(seed, STREAM.modelInit, index);
  for (let i = 0; i < data.length; i++) data[i] = random.normal() * deviation;
  return data;
}

if (process.argv[1]?.endsWith('init-model.ts') === true) {
  const [configPath, folder, seed] = process.argv.slice(2);
  if (configPath === undefined || folder === undefined || !existsSync(configPath)) throw new AnnealError('bad-request', 'Usage: node src/main/engine/train/init-model.ts <config.json> <new folder> [seed]');
  const count = initModel(JSON.parse(readFileSync(configPath, 'utf8')) as Record<string, unknown>, folder, Number(seed ?? 0));
  process.stdout.write(`${count} parameters written to ${folder}\n`);
}
