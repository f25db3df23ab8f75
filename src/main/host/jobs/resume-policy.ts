/** What happens after an engine died: another attempt after 1, 5, then 30 seconds; two deaths in a row at the same step, or many without progress, pause the run with a diagnosis. Pure. */
import type { Recipe } from '../../../shared/schema/recipe.ts';
import type { Failure } from '../../store/runs.ts';

export const BACK_OFF_SECONDS = [1, 5, 30] as const;
/** Deaths without a newer checkpoint after which no further attempt is made by itself. */
export const MOST_ATTEMPTS = 6;

export type Verdict = { kind: 'retry'; seconds: number; note: string } | { kind: 'pause'; note: string };

/** `failures` since the last saved progress, oldest first; the last one has just happened. */
export function afterCrash(failures: readonly Failure[], recipe: Recipe): Verdict {
  const last = failures.at(-1), before = failures.at(-2);
  const what = last?.message ?? 'The engine stopped.';
  if (last && before && last.step === before.step) return { kind: 'pause', note: `${what} It happened twice at step ${last.step}, so the run is paused. ${remedies(recipe)}` };
  if (failures.length >= MOST_ATTEMPTS) return { kind: 'pause', note: `${what} The engine died ${failures.length} times without reaching a new checkpoint, so the run is paused. ${remedies(recipe)}` };
  const seconds = BACK_OFF_SECONDS[Math.min(failures.length, BACK_OFF_SECONDS.length) - 1] ?? BACK_OFF_SECONDS[0];
  return { kind: 'retry', seconds, note: `${what} It continues from the last checkpoint in ${seconds} s.` };
}

/** What makes a step smaller, of what the recipe does not do yet. */
export function remedies(recipe: Recipe): string {
  const { per_device_train_batch_size: rows, gradient_accumulation_steps: accumulated, gradient_checkpointing: recompute, max_length: length } = recipe.train;
  const ways = [
    ...(rows > 1 ? [`per_device_train_batch_size ${Math.ceil(rows / 2)} with gradient_accumulation_steps ${accumulated * 2}`] : []),
    ...(recompute ? [] : ['gradient_checkpointing on']),
    ...(length > 64 ? [`max_length ${Math.ceil(length / 2)}`] : []),
  ];
  return ways.length === 0 ? 'If memory was short, take a smaller model.' : `If memory was short, clone the run with ${ways.join(', or ')}.`;
}
