/**
 * One run of ours for the training rows: the job as the engine process runs it (rows encoded, reference scored, the one loop), in a process of its own, because peak memory belongs to a process. Prints one JSON line.
 *   node bench/peer/train-ours.ts <spec.json>
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recipe } from '../../src/shared/schema/recipe.ts';
import { TrainJobs } from '../../src/main/engine/services/train-job.ts';
import type { RunReport, RunSpec } from './train-spec.ts';

const begun = performance.now();
const spec = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as RunSpec;
/** The run is planned as a long one, which decides what is kept in memory for its speed, and stopped after the steps that are asked for. */
const PLANNED_STEPS = 1000;
const folder = mkdtempSync(join(tmpdir(), 'peer-train-'));
const report: RunReport = { step_ms: [], losses: [], tokens: [], slots: [], start_seconds: 0, reference_seconds: 0, peak_rss: 0, compute: spec.ours?.['compute'] === 'int8' ? 'int8' : 'fp32', versions: { node: process.version } };
try {
  const job = {
    recipe: recipe.parse({
      method: spec.method, model: spec.model, data: { train: spec.data },
      adapter: spec.adapter === null ? 'none' : { r: 16, lora_alpha: 32, target_modules: 'all-linear' },
      // The peer probes nothing.
      health: { probes: 0 },
      train: { max_steps: PLANNED_STEPS, per_device_train_batch_size: spec.batch, max_length: spec.max_length, packing: spec.packing, shuffle: false, learning_rate: spec.learning_rate, lr_scheduler_type: 'constant', logging_steps: 1, eval_steps: 0, save_steps: 0, gradient_checkpointing: spec.checkpointing, ...spec.ours },
    }),
    model: { folder: spec.model, checkpoint: spec.adapter === null ? null : { folder: spec.adapter, kind: 'adapter' as const }, chat_template: null },
    train_dir: readFileSync(`${spec.data}.dir`, 'utf8'), eval_dir: null, run_dir: folder, resume: null, threads: spec.threads,
    // Empty, as in a first run.
    cache_dir: join(folder, 'cache'),
  };
  let reference = 0;
  const jobs = new TrainJobs();
  for await (const event of jobs.run(job, new AbortController().signal)) {
    const now = performance.now();
    if (event.type === 'phase') {
      if (reference > 0) report.reference_seconds += (now - reference) / 1000;
      reference = event.phase === 'reference' ? now : 0;
    }
    if (event.type === 'log') report.compute = /computed in (int8|fp32)/.exec(event.text)?.[1] ?? report.compute ?? 'fp32';
    if (event.type === 'start') report.start_seconds = (now - begun) / 1000 - report.reference_seconds;
    if (event.type === 'metric' && event.values['loss'] !== undefined) {
      // The step after the last one has begun when this arrives; it is not counted.
      if (report.losses.length >= spec.steps) continue;
      if (report.losses.length === spec.steps - 1) jobs.halt('stop');
      // The loop's own clock: the last event arrives only after the checkpoint is written.
      report.step_ms.push(event.values['step_seconds']! * 1000);
      report.losses.push(event.values['loss']!);
      report.tokens.push(event.tokens - report.tokens.reduce((a, b) => a + b, 0));
      report.slots.push(event.values['tokens_per_second']! * event.values['step_seconds']!);
    }
  }
  report.peak_rss = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${JSON.stringify(report)}\n`);
