/** The name under which a graph is kept: a hash of all that it is made from. What a graph cannot depend on (learning rates, seeds, lengths of runs) is left out, so that a sweep finds it again. */

import { createHash } from 'node:crypto';
import type { StepSpec } from '../step-graph.ts';
import { codeVersion } from './code-version.ts';

/** Fields of `train` that no graph reads; a test builds the graphs of every method with these fields forbidden. */
export const NOT_IN_GRAPHS: readonly string[] = [
  'learning_rate', 'num_train_epochs', 'max_steps', 'per_device_train_batch_size', 'per_device_eval_batch_size', 'gradient_accumulation_steps', 'max_length', 'packing', 'shuffle', 'lr_scheduler_type', 'lr_scheduler_kwargs',
  'warmup_steps', 'weight_decay', 'adam_beta1', 'adam_beta2', 'adam_epsilon', 'max_grad_norm', 'gradient_checkpointing', 'seed', 'logging_steps', 'eval_steps', 'save_steps', 'save_total_limit',
];

/** Null where parts of the graph are values in memory (a 4-bit base, an 8-bit one that is not kept in a file, adapters that took something out of the base): those graphs are not kept. */
export function specKey(spec: StepSpec, how: object): string | null {
  const { fourBit, int8, config, trainables, ...rest } = spec;
  if (fourBit !== undefined || int8?.values !== undefined || trainables.lora?.slots.some((s) => s.minus !== undefined) === true) return null;
  const read = Object.entries(config).filter(([name]) => !NOT_IN_GRAPHS.includes(name));
  return createHash('sha256').update(codeVersion()).update(canonical({ ...rest, int8, trainables, config: Object.fromEntries(read), how })).digest('hex');
}

/** JSON with sorted keys; maps by their entries, functions by their source. */
function canonical(value: unknown): string {
  if (typeof value === 'function') return JSON.stringify(String(value));
  if (value instanceof Map) return canonical([...value.entries()]);
  if (value instanceof Set) return canonical([...value]);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'number' && !Number.isFinite(value) ? `"${value}"` : (JSON.stringify(value) ?? 'null');
  const record = value as Record<string, unknown>;
  return `{${Object.keys(record).sort().filter((k) => record[k] !== undefined).map((k) => `${JSON.stringify(k)}:${canonical(record[k])}`).join()}}`;
}
