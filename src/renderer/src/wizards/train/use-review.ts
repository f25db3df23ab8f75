/** The review of the draft (reads all rows, with progress) and then the measured trial of two steps. Both are asked again when the recipe changes, and cancelled when the page goes. */
import { useEffect, useState } from 'react';
import type { Review, Trial } from '../../../../shared/schema/review.ts';
import { api } from '../../state/client.ts';
import { mayStart } from './review-checks.ts';

export interface ReviewState { progress: number; review: Review | null; error: unknown; trial: Trial | null; trialError: unknown; trialRunning: boolean }
const NOTHING: ReviewState = { progress: 0, review: null, error: null, trial: null, trialError: null, trialRunning: false };

/** `key` says when the recipe means something else (its JSON). */
export function useReview(recipe: Record<string, unknown>, key: string): ReviewState & { again: () => void; measure: () => void } {
  const [state, setState] = useState<ReviewState>(NOTHING), [turn, setTurn] = useState(0), [trialTurn, setTrialTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setState(NOTHING);
    (async () => {
      for await (const item of api.recipes.review({ recipe }, { signal: stop.signal })) setState((s) => ({ ...s, progress: item.progress, review: item.review ?? s.review }));
    })().catch((error: unknown) => { if (!stop.signal.aborted) setState((s) => ({ ...s, error })); });
    return () => { stop.abort(); };
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the recipe
  }, [key, turn]);
  const ready = mayStart(state.review);
  useEffect(() => {
    if (!ready) return undefined;
    const stop = new AbortController();
    setState((s) => ({ ...s, trial: null, trialError: null, trialRunning: true }));
    api.recipes.trial({ recipe }, { signal: stop.signal }).then(
      (trial) => { if (!stop.signal.aborted) setState((s) => ({ ...s, trial, trialRunning: false })); },
      (trialError: unknown) => { if (!stop.signal.aborted) setState((s) => ({ ...s, trialError, trialRunning: false })); },
    );
    return () => { stop.abort(); };
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the recipe
  }, [key, ready, trialTurn]);
  return { ...state, again: () => { setTurn((n) => n + 1); }, measure: () => { setTrialTurn((n) => n + 1); } };
}
