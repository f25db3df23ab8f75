/** Every metric that a run can emit: unit, direction, group. Names are TRL's where TRL has one. Charts and tables derive from this list. */

export type MetricUnit = 'nats' | 'ratio' | 'none' | 'tokens' | 'epochs' | 'tokens/s' | 's' | 'bytes';
export interface Metric { unit: MetricUnit; better: 'lower' | 'higher' | 'neither'; group: 'loss' | 'optimiser' | 'quality' | 'preference' | 'health' | 'speed' | 'progress' }

export const METRICS = {
  loss: { unit: 'nats', better: 'lower', group: 'loss' },
  eval_loss: { unit: 'nats', better: 'lower', group: 'loss' },
  learning_rate: { unit: 'none', better: 'neither', group: 'optimiser' },
  grad_norm: { unit: 'none', better: 'neither', group: 'optimiser' },
  entropy: { unit: 'nats', better: 'neither', group: 'quality' },
  mean_token_accuracy: { unit: 'ratio', better: 'higher', group: 'quality' },
  eval_mean_token_accuracy: { unit: 'ratio', better: 'higher', group: 'quality' },
  nll_loss: { unit: 'nats', better: 'lower', group: 'loss' },
  'rewards/chosen': { unit: 'none', better: 'higher', group: 'preference' },
  'rewards/rejected': { unit: 'none', better: 'lower', group: 'preference' },
  'rewards/margins': { unit: 'none', better: 'higher', group: 'preference' },
  'eval_rewards/margins': { unit: 'none', better: 'higher', group: 'preference' },
  'rewards/accuracies': { unit: 'ratio', better: 'higher', group: 'preference' },
  'eval_rewards/accuracies': { unit: 'ratio', better: 'higher', group: 'preference' },
  'logps/chosen': { unit: 'nats', better: 'higher', group: 'preference' },
  'logps/rejected': { unit: 'nats', better: 'neither', group: 'preference' },
  'logits/chosen': { unit: 'none', better: 'neither', group: 'preference' },
  'logits/rejected': { unit: 'none', better: 'neither', group: 'preference' },
  log_odds_ratio: { unit: 'nats', better: 'higher', group: 'preference' },
  log_odds_chosen: { unit: 'nats', better: 'higher', group: 'preference' },
  kl: { unit: 'nats', better: 'neither', group: 'preference' },
  delta: { unit: 'none', better: 'neither', group: 'preference' },
  min_reward: { unit: 'none', better: 'neither', group: 'preference' },
  mean_reward: { unit: 'none', better: 'neither', group: 'preference' },
  max_reward: { unit: 'none', better: 'neither', group: 'preference' },
  accuracy: { unit: 'ratio', better: 'higher', group: 'preference' },
  eval_accuracy: { unit: 'ratio', better: 'higher', group: 'preference' },
  margin: { unit: 'none', better: 'higher', group: 'preference' },
  eval_margin: { unit: 'none', better: 'higher', group: 'preference' },
  // Of the answers to the fixed probe prompts, at each evaluation (engine/services/run-probes.ts).
  'probe/kl': { unit: 'nats', better: 'neither', group: 'health' },
  'probe/entropy': { unit: 'nats', better: 'neither', group: 'health' },
  'probe/length': { unit: 'tokens', better: 'neither', group: 'health' },
  'probe/cut': { unit: 'ratio', better: 'lower', group: 'health' },
  'probe/repetition': { unit: 'ratio', better: 'lower', group: 'health' },
  'probe/loops': { unit: 'ratio', better: 'lower', group: 'health' },
  'probe/refusals': { unit: 'ratio', better: 'neither', group: 'health' },
  num_tokens: { unit: 'tokens', better: 'neither', group: 'progress' },
  epoch: { unit: 'epochs', better: 'neither', group: 'progress' },
  tokens_per_second: { unit: 'tokens/s', better: 'higher', group: 'speed' },
  step_seconds: { unit: 's', better: 'lower', group: 'speed' },
  rss: { unit: 'bytes', better: 'lower', group: 'speed' },
} as const satisfies Record<string, Metric>;
export type MetricId = keyof typeof METRICS;
export const METRIC_IDS = Object.keys(METRICS) as [MetricId, ...MetricId[]];
