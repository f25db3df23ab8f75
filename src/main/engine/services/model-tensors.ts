/** The tensors of a model as they lie in its files, in reading order, and norms of their values measured on request. Headers for the list; for norms each value is read once, in slices, so that memory stays small. */
import { setImmediate as turn } from 'node:timers/promises';
import { errorShape } from '../../../shared/errors.ts';
import type { ModelTensor, ModelTensors, NormProgress, TensorNorm } from '../../../shared/schema/model-view.ts';
import { openModelFolder } from '../io/model-folder.ts';
import { SAFETENSORS_ITEM_BYTES } from '../io/safetensors-header.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { readTensorFloats } from '../io/tensor-read.ts';

const LAYER = /(?:^|\.)(?:layers|h|blk|block|blocks)\.(\d+)\./;
const EMBEDDING = /embed|(?:^|\.)wte\.|(?:^|\.)wpe\./;
/** Values read at once. */
const SLICE = 1 << 20;

export function modelTensors(folder: string): ModelTensors {
  const tensors = [...openModelFolder(folder).tensors.values()].map(describe).toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  return { tensors, parameters: tensors.reduce((n, t) => n + t.parameters, 0), bytes: tensors.reduce((n, t) => n + t.bytes, 0) };
}

function describe(entry: TensorEntry): ModelTensor {
  const layer = LAYER.exec(entry.name)?.[1];
  return {
    name: entry.name, shape: [...entry.shape], dtype: entry.dtype, parameters: count(entry), bytes: entry.byteLength, layer: layer === undefined ? null : Number(layer),
    place: layer !== undefined ? 'layer' : EMBEDDING.test(entry.name) ? 'before' : 'after',
  };
}
const rank = (t: ModelTensor): number => (t.place === 'before' ? -1 : t.layer ?? Infinity);
const count = (entry: TensorEntry): number => entry.shape.reduce((n, d) => n * d, 1);

/** One item a tensor, in reading order; tensors whose values are no floats are skipped with the reason. Ends early when `signal` aborts. */
export async function* tensorNorms(folder: string, signal: AbortSignal): AsyncGenerator<NormProgress, void, undefined> {
  const { tensors: table } = openModelFolder(folder), { tensors } = modelTensors(folder);
  for (const [i, { name }] of tensors.entries()) {
    await turn();
    if (signal.aborted) return;
    const entry = table.get(name);
    if (entry === undefined) continue;
    const step = { done: i + 1, total: tensors.length };
    let norm: TensorNorm;
    try { norm = await measure(entry); } catch (e) { yield { ...step, norms: [], skipped: [{ name, reason: errorShape(e).message }] }; continue; }
    yield { ...step, norms: [norm], skipped: [] };
  }
}

async function measure(entry: TensorEntry): Promise<TensorNorm> {
  const total = count(entry);
  let sum = 0, largest = 0, broken = 0, finite = 0;
  for (const slice of slices(entry, total)) {
    const values = readTensorFloats(slice);
    for (let i = 0; i < values.length; i++) {
      const v = Math.abs(values[i] as number);
      if (!(v < Infinity)) { broken++; continue; }
      sum += v * v;
      if (v > largest) largest = v;
    }
    finite += values.length;
    await turn();
  }
  finite -= broken;
  return { name: entry.name, l2: Math.sqrt(sum), rms: finite === 0 ? 0 : Math.sqrt(sum / finite), max_abs: largest, not_finite: broken };
}

/** Parts of a tensor of plain values; a packed one stays whole, because its blocks cannot be cut anywhere. */
function* slices(entry: TensorEntry, total: number): Generator<TensorEntry> {
  const item = SAFETENSORS_ITEM_BYTES[entry.dtype];
  if (total * item !== entry.byteLength || total <= SLICE) { yield entry; return; }
  for (let at = 0; at < total; at += SLICE) {
    const n = Math.min(SLICE, total - at);
    yield { ...entry, shape: [n], offset: entry.offset + at * item, byteLength: n * item };
  }
}
