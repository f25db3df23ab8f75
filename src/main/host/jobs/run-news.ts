/** What a run tells those who follow it inside the host: engine events after they were committed, and every change of its state. */
import type { Run } from '../../../shared/schema/entities.ts';
import type { EngineEvent } from '../../engine/protocol.ts';
import { latest } from '../latest.ts';

export type RunNews = EngineEvent | { type: 'state'; run: Run };
export type RunFollower = (news: RunNews) => void;

export class RunNewsDesk {
  readonly #followers = new Map<string, Set<RunFollower>>();

  follow(runId: string, follower: RunFollower): () => void {
    const set = this.#followers.get(runId) ?? new Set();
    this.#followers.set(runId, set.add(follower));
    return () => { set.delete(follower); if (set.size === 0) this.#followers.delete(runId); };
  }

  tell(runId: string, news: RunNews): void { for (const follower of this.#followers.get(runId) ?? []) follower(news); }

  /** One item now and one after each change; of those that nobody took, the newest. */
  async *watch<T>(runId: string, read: () => T, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    const line = latest<null>();
    line.push('', null);
    const stop = this.follow(runId, () => { line.push('', null); });
    try { for await (const _ of line.items(signal)) yield read(); } finally { stop(); }
  }
}
