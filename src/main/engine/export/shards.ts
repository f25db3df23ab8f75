/** Weight files of a Hugging Face folder: tensors in order, a new file when the next one would pass the limit, names and index as transformers writes them. */
import type { TensorLayout } from '../io/safetensors-stream.ts';
import { planSafetensors, tensorBytes, type SafetensorsPlan } from '../io/safetensors-stream.ts';

export const DEFAULT_SHARD_BYTES = 5_000_000_000;
export interface Shard { file: string; plan: SafetensorsPlan }
export interface ShardPlan { shards: Shard[]; /** Text of model.safetensors.index.json; null for a single file. */ index: string | null }

export function planShards(tensors: readonly TensorLayout[], limit = DEFAULT_SHARD_BYTES): ShardPlan {
  const groups: TensorLayout[][] = [];
  let size = 0, total = 0;
  for (const t of tensors) {
    const bytes = tensorBytes(t);
    if (groups.length === 0 || (size + bytes > limit && size > 0)) { groups.push([]); size = 0; }
    (groups.at(-1) as TensorLayout[]).push(t);
    size += bytes;
    total += bytes;
  }
  if (groups.length <= 1) return { shards: [{ file: 'model.safetensors', plan: planSafetensors(tensors) }], index: null };
  const number = (n: number): string => String(n).padStart(5, '0');
  const shards = groups.map((group, i): Shard => ({ file: `model-${number(i + 1)}-of-${number(groups.length)}.safetensors`, plan: planSafetensors(group) }));
  const map = Object.fromEntries(groups.flatMap((group, i) => group.map((t): [string, string] => [t.name, (shards[i] as Shard).file])).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const parameters = tensors.reduce((n, t) => n + t.shape.reduce((a, b) => a * b, 1), 0);
  return { shards, index: `${JSON.stringify({ metadata: { total_parameters: parameters, total_size: total }, weight_map: map }, null, 2)}\n` };
}
