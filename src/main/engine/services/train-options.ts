/** A job as the training loop wants it. */
import type { Job } from '../protocol.ts';
import type { EncodedRow } from '../methods/encoded-row.ts';
import type { TrainOptions } from '../train/options.ts';

export function trainOptions(job: Job, rows: readonly EncodedRow[], evalRows: readonly EncodedRow[], recipeHash: string): TrainOptions {
  const { recipe } = job;
  return {
    method: recipe.method, config: recipe.train, adapter: recipe.adapter === 'none' ? null : recipe.adapter, modelFolder: job.model.folder, start: job.model.checkpoint,
    rows, evalRows, runFolder: job.run_dir, resume: job.resume, threads: job.threads, recipeHash,
  };
}
