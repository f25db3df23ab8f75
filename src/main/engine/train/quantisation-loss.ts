/** What the 4-bit base costs before anything is trained: its loss and that of the float32 base on the same rows. */

import type { QuantisationLoss } from '../../../shared/schema/review.ts';
import { engineMethod } from '../methods/index.ts';
import type { EncodedRow } from '../methods/encoded-row.ts';
import { evaluate } from './evaluate.ts';
import { fillFourBit } from './four-bit-base.ts';
import { fileReader, type LoadedModel } from './load.ts';
import type { TrainOptions } from './options.ts';
import { isExample, type TrainRow } from '../methods/example-row.ts';
import { ProgramPool } from './program-pool.ts';
import { prepareData } from './train-data.ts';
import type { Trainables } from './trainables.ts';

/** The first rows of the held-out data, or else of the training data. */
const ROWS = 16;
/** Share of the free memory that the base in float32 may take for this. */
const ROOM = 0.8;
const NOTHING: Trainables = { kind: 'adapter', ranges: [], groups: [], length: 0 };

/** null when the base is not in 4 bit, and for reward models. The 4-bit values must be filled unless `fill` asks for it. */
const asTexts = (row: TrainRow): EncodedRow[] => (isExample(row)
  ? row.completions.map(({ ids, prompt }) => ({ ids, mask: Uint8Array.from(ids, (_, i) => (i < prompt ? 0 : 1)), truncated: row.truncated, source: row.source }))
  : [row]);

export async function measureQuantisation(loaded: LoadedModel, options: Pick<TrainOptions, 'method' | 'config' | 'rows' | 'evalRows' | 'adapter' | 'threads'>, { fill = false, signal }: { fill?: boolean; signal?: AbortSignal | undefined } = {}): Promise<QuantisationLoss | null> {
  const { fourBit, model, weights } = loaded;
  // A reward model writes no text whose loss could be measured.
  if (fourBit === undefined || options.adapter === null || engineMethod(options.method).head === 'score') return null;
  if (fill) fillFourBit(fourBit, model, fileReader(loaded));
  // The model's own loss, whatever the run will learn: answers are scored as texts.
  const method = engineMethod('sft');
  const { config } = options;
  const data = prepareData((options.evalRows.length > 0 ? options.evalRows : options.rows).slice(0, ROWS).flatMap(asTexts), { ...config, packing: false }, method);
  const lossOf = async (base: typeof fourBit | undefined): Promise<number> => {
    const pool = new ProgramPool({ spec: { model, weights, trainables: NOTHING, fourBit: base, method, config }, threads: options.threads, prepack: false, recompute: false });
    try {
      return (await evaluate({ data, batchSize: 1, pool, weights: {}, signal, bucketLimit: 1, method, reference: null, state: {} }))['eval_loss']!;
    } finally { await pool.dispose(); }
  };
  // One after the other: only one of the two bases is in memory.
  let bytes = 0;
  for (const entry of weights.values()) bytes += entry.shape.reduce((a, b) => a * b, 4);
  const inFloat = bytes < process.availableMemory() * ROOM ? await lossOf(undefined) : null;
  return { type: options.adapter.bnb_4bit_quant_type, rows: data.sizes.length, loss_float32: inFloat, loss_4bit: await lossOf(fourBit) };
}

export function quantisationText({ type, rows, loss_float32: full, loss_4bit: four }: QuantisationLoss): string {
  if (full === null) return `The base is kept in 4 bit (${type}): loss ${four.toFixed(4)} on ${rows} rows before training; in float32 it does not fit into the free memory, so what 4 bit costs was not measured.`;
  const change = full > 0 ? ` (${four >= full ? '+' : ''}${((four / full - 1) * 100).toFixed(2)} %)` : '';
  return `The base is kept in 4 bit (${type}): loss ${four.toFixed(4)} with it and ${full.toFixed(4)} in float32${change}, on ${rows} rows before training.`;
}
