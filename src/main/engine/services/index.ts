/** Handlers of the engine contract. Files beside this one do the work; this one only connects. */
import type { Service } from '../../../shared/rpc/define.ts';
import type { Review } from '../../../shared/schema/review.ts';
import { FAMILIES } from '../models/index.ts';
import type { engineContract } from '../protocol.ts';
import { listProviders } from '../runtime/providers.ts';
import { runtimeVersion } from '../runtime/session.ts';
import { probeDevice } from './devices/probe.ts';
import { selfTest } from './devices/self-test.ts';
import { EventQueue } from './event-queue.ts';
import { ExportJobs } from './export-job.ts';
import { GenerateJobs } from './generate-job.ts';
import { convertModel } from './convert-model.ts';
import { inspectAdapter } from './inspect-adapter.ts';
import { inspectModel } from './inspect-model.ts';
import { modelTensors, tensorNorms } from './model-tensors.ts';
import { renderTemplate } from './render-template.ts';
import { pairsJob } from './pairs-job.ts';
import { maskRow, reviewJob } from './review-job.ts';
import { scoreDataset } from './score-job.ts';
import { TrainJobs } from './train-job.ts';
import { trialJob } from './trial-job.ts';
import { physicalThreads } from './threads.ts';
import { usage } from './usage.ts';

export function createEngineService(): Service<typeof engineContract> {
  const training = new TrainJobs(), generating = new GenerateJobs(), exporting = new ExportJobs();
  return {
    engine: {
      info: () => ({ onnxruntime: runtimeVersion(), providers: listProviders(), threads: physicalThreads() }),
      probe: ({ device, threads }) => probeDevice(device, threads),
      selfTest: ({ device, threads }) => selfTest(device, threads),
      usage,
    },
    model: {
      families: () => ({ families: FAMILIES.flatMap((f) => [f.id, ...(f.aliases ?? [])]) }),
      convert: (request, { signal }) => convertModel(request, signal),
      inspect: ({ folder }) => inspectModel(folder),
      adapter: ({ folder, model }) => inspectAdapter(folder, model),
      tensors: ({ folder }) => modelTensors(folder),
      norms: ({ folder }, { signal }) => tensorNorms(folder, signal),
      render: ({ folder, messages, chat_template }) => renderTemplate(folder, messages, chat_template),
    },
    recipe: {
      review: async function* (job, { signal }) {
        const queue = new EventQueue<{ progress: number; review: Review | null }>();
        reviewJob(job, (progress) => { queue.push({ progress, review: null }); }, signal).then((review) => { queue.push({ progress: 1, review }); queue.end(); }, (e: unknown) => { queue.fail(e); });
        yield* queue;
      },
      row: ({ job, index }) => maskRow(job, index),
      trial: (job, { signal }) => trialJob(job, signal),
    },
    train: {
      run: (job, { signal }) => training.run(job, signal),
      halt: ({ how }) => { training.halt(how); return { ok: true }; },
    },
    export: {
      plan: (task) => exporting.plan(task),
      run: (task, { signal }) => exporting.run(task, signal),
    },
    reward: { score: (request, { signal }) => scoreDataset(request, signal) },
    generate: {
      stream: (request, { signal }) => generating.stream(request, signal),
      answers: (request, { signal }) => generating.answers(request, signal),
      pairs: (request, { signal }) => pairsJob(request, signal),
    },
  };
}
