/** A job as the training loop wants it. */
import { join } from 'node:path';
import type { Job } from '../protocol.ts';
import type { TrainRow } from '../methods/example-row.ts';
import type { TrainOptions } from '../train/options.ts';

export function trainOptions(job: Job, rows: readonly TrainRow[], evalRows: readonly TrainRow[], recipeHash: string): TrainOptions {
  const { recipe } = job;
  return {
    method: recipe.method, config: recipe.train, adapter: recipe.adapter === 'none' ? null : recipe.adapter, modelFolder: job.model.folder, start: job.model.checkpoint,
    ...(job.reference == null ? {} : { reference: { modelFolder: job.reference.folder, start: job.reference.checkpoint } }),
    ...(job.cache_dir == null ? {} : { referenceCache: join(job.cache_dir, 'reference'), graphCache: join(job.cache_dir, 'graphs'), int8Cache: join(job.cache_dir, 'int8') }),
    ...(recipe.memory_gb === undefined ? {} : { memoryLimit: recipe.memory_gb * 1e9 }),
    rows, evalRows, runFolder: job.run_dir, resume: job.resume, threads: job.threads, recipeHash, ...(job.device === undefined ? {} : { device: job.device.id, half: job.device.precision === 'fp16', ...(job.device.memory === undefined ? {} : { cardMemory: job.device.memory }) }),
  };
}
