/** What one run of the training rows is told, and what it answers; the same for both sides (trl_train.py reads and writes the same JSON). */

export interface RunSpec {
  method: 'sft' | 'dpo' | 'reward';
  /** Hugging Face folder. */
  model: string;
  /** PEFT adapter to begin with, so that both sides begin with the same numbers; null: all weights are trained. */
  adapter: string | null;
  /** JSONL file; `<file>.dir` names our dataset version of it. */
  data: string;
  steps: number;
  batch: number;
  max_length: number;
  packing: boolean;
  learning_rate: number;
  checkpointing: boolean;
  /** Peer only: bf16 autocast. */
  bf16: boolean;
  /** Peer only, DPO: reference log-probabilities before the first step, as ours. */
  precompute: boolean;
  threads: number;
  /** Ours only: more of the recipe's train section. */
  ours?: Record<string, unknown>;
}

export interface RunReport {
  /** TRL: between the ends of steps, the first from the start of training. Ours: a step by the loop's clock. */
  step_ms: number[];
  losses: number[];
  /** Real tokens of a step, as separate sequences count them; and what was computed for them: padded slots of TRL, tokens in trees of ours (their padding is not reported). */
  tokens: number[];
  slots: number[];
  /** From the start of the process to the first step, without the reference pass. */
  start_seconds: number;
  reference_seconds: number;
  peak_rss: number;
  /** Ours: what the frozen layers were computed in, which `auto` chooses. */
  compute?: string;
  versions: Record<string, string>;
}
