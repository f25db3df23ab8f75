/** Records for tests of the store and the host: complete, valid, and plainly made up. */
import { recipe } from '../../src/shared/schema/recipe.ts';
import type { Checkpoint, Model, Run } from '../../src/shared/schema/entities.ts';

export const testModel = (id: string, patch: Partial<Model> = {}): Model => ({
  id, name: `model ${id}`, source: 'imported', path: `/models/${id}`, family: 'llama', parameters: 1000, dtype: 'float32', context: 128, vocab_size: 64, layers: 2, hidden_size: 16, tied: true,
  bytes: 4000, shards: 1, weight_hash: 'abc', license: null, has_template: true, template: 'chatml', created_at: 1, missing: false, ...patch,
});

export const testRun = (id: string, patch: Partial<Run> = {}): Run => ({
  id, name: `run ${id}`, method: 'sft', status: 'queued', recipe: recipe.parse({ method: 'sft', model: 'm', data: { train: 'd' } }), model_id: 'm', model_name: 'm', train_dataset_id: 'd', train_dataset_name: 'd', eval_dataset_id: null,
  created_at: 1, started_at: null, ended_at: null, step: 0, total_steps: 0, epoch: 0, tokens: 0, seconds: 0, seconds_left: null, attempt: 0, last: {}, spark: [], metric_seq: 0, durable_step: 0, best_step: null, queue: null, error: null, note: null, ...patch,
});

export const testCheckpoint = (id: string, run: string, step: number, patch: Partial<Checkpoint> = {}): Checkpoint => ({
  id, run_id: run, run_name: run, model_id: 'm', step, path: `/runs/${run}/${step}`, kind: 'adapter', weight_hash: `h${step}`, bytes: 10, metrics: {}, created_at: 1, ...patch,
});
