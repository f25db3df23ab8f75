/** A wrong recipe is answered with the place, the fault and the nearest key. */
import { expect, test } from 'vitest';
import { allKeys, checkRecipe, editDistance, nearestName } from '../../src/shared/schema/recipe-issues.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';

const good = { method: 'sft', model: 'm', data: { train: 'd' } };
const issues = (patch: Record<string, unknown>): unknown => checkRecipe({ ...good, ...patch }).issues;

test('a good recipe is filled with defaults', () => {
  const { recipe: filled } = checkRecipe(good);
  expect(filled).toEqual(recipe.parse(good));
  expect(checkRecipe(filled).issues).toEqual([]);
});

test.each([
  [{ train: { lerning_rate: 1 } }, { path: 'train.lerning_rate', message: 'train.lerning_rate is not a key of a recipe. Did you mean train.learning_rate?', nearest: 'train.learning_rate' }],
  [{ train: { learning_rate: '2e-4' } }, { path: 'train.learning_rate', message: 'train.learning_rate must be a number, not the text "2e-4".' }],
  [{ train: { max_steps: 1.5 } }, { path: 'train.max_steps', message: 'train.max_steps must be a whole number, not 1.5.' }],
  [{ train: { lr_scheduler_type: 'cosin' } }, expect.objectContaining({ path: 'train.lr_scheduler_type', nearest: 'cosine' })],
  [{ train: { seed: -1 } }, { path: 'train.seed', message: 'train.seed is -1; it must be at least 0.' }],
  [{ learning_rate: 1 }, { path: 'learning_rate', message: 'learning_rate is not a key of a recipe. Did you mean train.learning_rate?', nearest: 'train.learning_rate' }],
  [{ dta: {} }, expect.objectContaining({ path: 'dta', nearest: 'data' })],
  [{ adapter: { typ: 'lora' } }, expect.objectContaining({ path: 'adapter.typ', nearest: 'adapter.type' })],
  [{ adapter: { r: 'big' } }, { path: 'adapter.r', message: 'adapter.r must be a number, not the text "big".' }],
  [{ adapter: 'lora' }, { path: 'adapter', message: 'adapter is the text "lora", which is not allowed here.' }],
  [{ data: { train: '' } }, { path: 'data.train', message: 'data.train is empty.' }],
  [{ data: [] }, { path: 'data', message: 'data must be a table of keys, not a list.' }],
  [{ model: undefined }, { path: 'model', message: 'model is missing.' }],
  [{ method: 'stf' }, { path: 'method', message: 'method is the text "stf"; it can be sft, reward, dpo, kto, bco, cpo, orpo. Did you mean sft?', nearest: 'sft' }],
])('%j', (patch, issue) => { expect(issues(patch)).toEqual([issue]); });

test('a recipe that is no table', () => { expect(checkRecipe('hello').issues).toEqual([{ path: '', message: 'The recipe must be a table of keys, not the text "hello".' }]); });
test('every key of the schema is known', () => { expect(allKeys()).toEqual(expect.arrayContaining(['method', 'data.train', 'adapter.lora_alpha', 'train.warmup_steps', 'samples.sampling.seed'])); });
test('edit distance', () => {
  expect([editDistance('', 'abc'), editDistance('abc', 'abc'), editDistance('acb', 'abc'), editDistance('kitten', 'sitting')]).toEqual([3, 0, 1, 3]);
  expect(nearestName('per-device-train-batch-size', ['per_device_train_batch_size', 'per_device_eval_batch_size'])).toBe('per_device_train_batch_size');
  expect(nearestName('zzz', ['abc'])).toBeUndefined();
});
