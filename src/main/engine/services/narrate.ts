/** The log of a run: one plain sentence for what a reader would want to find again. */
import type { EngineEvent, Job } from '../protocol.ts';

const ENDED = { completed: 'is complete', paused: 'was paused', stopped: 'was stopped' } as const;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

export function narrate(event: EngineEvent, job: Job): string | null {
  switch (event.type) {
    case 'start': {
      const resumed = job.resume === null ? '' : ` It goes on from step ${event.step}.`;
      return `Ready after ${event.setup_seconds.toFixed(1)} s: ${event.rows} rows a pass, ${event.total_steps} steps, ${event.trainable_parameters} trainable parameters, ${job.threads} threads, about ${megabytes(event.planned_bytes)} planned.${resumed}`;
    }
    case 'metric': {
      const loss = event.values['eval_loss'], accuracy = event.values['eval_mean_token_accuracy'], preferred = event.values['eval_rewards/accuracies'] ?? event.values['eval_accuracy'];
      return loss === undefined ? null : `Step ${event.step}: held-out loss ${loss.toFixed(4)}${accuracy === undefined ? '' : `, ${(accuracy * 100).toFixed(1)} % of tokens right`}${preferred === undefined ? '' : `, ${(preferred * 100).toFixed(1)} % of pairs in the right order`}.`;
    }
    case 'checkpoint': return `Step ${event.step}: checkpoint saved (${megabytes(event.bytes)}, weights ${event.weight_hash.slice(0, 12)})${event.removed.length > 0 ? `, ${event.removed.length} removed` : ''}.`;
    case 'done': return event.error === null ? `The run ${ENDED[event.outcome]} at step ${event.step}.` : null;
    default: return null;
  }
}
