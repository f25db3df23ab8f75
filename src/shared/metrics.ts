/** Every metric that a run can emit: unit, direction, group. Names are TRL's where TRL has one. Charts and tables derive from this list. */

export type MetricUnit = 'nats' | 'ratio' | 'none' | 'tokens' | 'epochs' | 'tokens/s' | 's' | 'bytes';
export interface Metric { unit: MetricUnit; better: 'lower' | 'higher' | 'neither'; group: 'loss' | 'optimiser' | 'quality' | 'speed' | 'progress' }

export const METRICS = {
  loss: { unit: 'nats', better: 'lower', group: 'loss' },
  eval_loss: { unit: 'nats', better: 'lower', group: 'loss' },
  learning_rate: { unit: 'none', better: 'neither', group: 'optimiser' },
  grad_norm: { unit: 'none', better: 'neither', group: 'optimiser' },
  entropy: { unit: 'nats', better: 'neither', group: 'quality' },
  mean_token_accuracy: { unit: 'ratio', better: 'higher', group: 'quality' },
  eval_mean_token_accuracy: { unit: 'ratio', better: 'higher', group: 'quality' },
  num_tokens: { unit: 'tokens', better: 'neither', group: 'progress' },
  epoch: { unit: 'epochs', better: 'neither', group: 'progress' },
  tokens_per_second: { unit: 'tokens/s', better: 'higher', group: 'speed' },
  step_seconds: { unit: 's', better: 'lower', group: 'speed' },
  rss: { unit: 'bytes', better: 'lower', group: 'speed' },
} as const satisfies Record<string, Metric>;
export type MetricId = keyof typeof METRICS;
export const METRIC_IDS = Object.keys(METRICS) as [MetricId, ...MetricId[]];
