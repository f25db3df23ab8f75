/** Scores every completion that a run will see, ahead of the run: training rows in the batches of the first epoch, held-out rows in those of evaluation, so that the numbers are those of a live reference, bit for bit. What an earlier run kept is not scored again. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { AnnealError } from '../../../shared/errors.ts';
import { collate } from './batch.ts';
import { bucketFor } from './buckets.ts';
import { evaluationLayout } from './evaluate.ts';
import { microRuns, type MicroRun } from './micro-runs.ts';
import type { TrainControl, TrainSink } from './options.ts';
import type { Reference } from './reference.ts';
import { readReferenceCache, referenceIdentity, referenceKey, writeReferenceCache } from './reference-cache.ts';
import type { RunSetup } from './setup.ts';
import type { TrainData } from './train-data.ts';
import type { TrainRow } from '../methods/example-row.ts';

interface Part { reference: Reference; rows: readonly TrainRow[]; data: TrainData; batches: readonly (readonly number[])[]; runs: (batch: readonly number[]) => MicroRun[] }

export async function scoreReference(setup: RunSetup, sink: TrainSink, control: TrainControl): Promise<void> {
  const { options, reference } = setup, folder = options.referenceCache;
  if (reference === null) return;
  const parts = [trainingPart(setup, reference), ...heldOutPart(setup)], batches = parts.reduce((n, part) => n + part.batches.length, 0);
  const identity = folder === undefined ? '' : referenceIdentity(setup);
  let done = 0, kept = 0, scored = 0;
  for (const part of parts) {
    const key = referenceKey(identity, part.rows, part.data);
    if (folder !== undefined) kept += readReferenceCache(folder, key, part.reference, part.data);
    const before = part.reference.known.size;
    for (const batch of part.batches) {
      await nextTurn();
      if (control.signal?.aborted === true) throw new AnnealError('cancelled', 'The run was cancelled while the reference was scored; nothing was trained.');
      if (!batch.every((row) => part.reference.known.has(row))) for (const run of part.runs(batch)) await part.reference.scores(run.rows, run.batch, run.shape);
      sink({ type: 'reference', share: ++done / batches });
    }
    const fresh = part.reference.known.size - before;
    scored += fresh;
    if (folder !== undefined && fresh > 0) writeReferenceCache(folder, key, part.reference);
  }
  await setup.pool.release('reference');
  await reference.release();
  sink({ type: 'log', level: 'info', text: kept > 0 ? `Reference log-probabilities: those of ${kept} rows were kept from an earlier run, ${scored} rows were scored.` : `Reference log-probabilities: ${scored} rows were scored.` });
}

function trainingPart(setup: RunSetup, reference: Reference): Part {
  const { options, data, order, total } = setup;
  const batches = Array.from({ length: Math.min(order.stepsPerEpoch, total) }, (_, step) => order.window(step).batches).flat();
  return { reference, rows: options.rows, data, batches, runs: (batch) => microRuns(setup, batch) };
}

function heldOutPart({ options, evalReference: reference, evalData: data, plan, buckets: ofTraining, method }: RunSetup): Part[] {
  if (reference === null || data === null) return [];
  const { rows, batches, buckets } = evaluationLayout(data.sizes, plan.layout.evalRows, Math.max(1, ofTraining.length));
  const runs = (batch: readonly number[]): MicroRun[] => {
    const shape = { rows, ...bucketFor(buckets, Math.max(...batch.map((row) => data.sizes[row]!.tokens))) };
    return [{ rows: batch, shape, batch: collate(batch.map((row) => data.row(row)), shape, { token: 0, share: 0 }, method.roles.length) }];
  };
  return [{ reference, rows: options.evalRows, data, batches, runs }];
}
