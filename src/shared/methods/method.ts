/** What a training method declares on both sides of the wire: its parameters (zod), how a form shows them, what rows it needs, what it measures. A method's author writes no UI. */
import type { z } from 'zod';
import type { MetricId } from '../metrics.ts';

export type RowKind = 'text' | 'prompt-completion' | 'messages' | 'preference' | 'unpaired-preference' | 'prompt';

/** How the wizard shows one parameter. Labels and help are locale keys `param.<name>.label` and `param.<name>.help`. */
export interface FieldHint {
  group: 'length' | 'batch' | 'optimiser' | 'schedule' | 'data' | 'evaluation' | 'memory' | 'loss' | 'adapter';
  level: 'basic' | 'advanced';
  control: 'number' | 'integer' | 'learning-rate' | 'switch' | 'select' | 'text' | 'modules';
  unit?: 'steps' | 'tokens' | 'rows' | 'epochs';
  min?: number;
  max?: number;
  options?: readonly string[];
}

export interface TrainingMethod<S extends z.ZodObject = z.ZodObject> {
  id: string;
  /** Schema of the recipe's `train` section. Every field has a default, so an empty section runs. */
  train: S;
  hints: { [K in keyof z.infer<S>]: FieldHint };
  /** Row kinds that the method can train on. */
  rows: readonly RowKind[];
  metrics: readonly MetricId[];
}
