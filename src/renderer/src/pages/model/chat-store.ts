/** Conversations with a model, one for each; they outlive the page. The host answers; `say` and `again` in chat-ask.ts feed this store. */
import { create } from 'zustand';
import type { ErrorShape } from '../../../../shared/errors.ts';
import type { END_CAUSES, WeightFormat, TRUNCATIONS } from '../../../../shared/schema/generate.ts';
import type { Sampling } from '../../../../shared/schema/recipe.ts';
import { NO_GRAMMAR, type GrammarDraft } from './chat-grammar.ts';
import { useEntities } from '../../state/entities.ts';

export interface Alternative { id: number; text: string; logprob: number }
export interface Token { text: string; id: number; logprob: number; top: readonly Alternative[] }
export interface Answer {
  status: 'waiting' | 'streaming' | 'done' | 'failed' | 'cancelled';
  /** The weights that were asked; null: the base. */
  checkpointId: string | null;
  weightHash: string | null; promptText: string | null; promptTokens: number | null; cut: { side: 'left' | 'right'; tokens: number } | null;
  tokens: readonly Token[];
  end: { cause: (typeof END_CAUSES)[number]; stopString: string | null; /** With a grammar: whether the answer is a whole sentence of it. */ complete: boolean | null; tokens: number; tokensPerSecond: number; meanLogprob: number } | null;
  error: ErrorShape | null;
}
export type Mode = 'chat' | 'raw';
export interface Turn { key: number; mode: Mode; text: string; answer: Answer }
export interface Options { truncate: (typeof TRUNCATIONS)[number]; weights: WeightFormat; stop: string; grammar: GrammarDraft }
export interface Talk { checkpointId: string | null; mode: Mode; system: string; sampling: Sampling; options: Options; shade: boolean; turns: readonly Turn[] }

const FRESH: Talk = { checkpointId: null, mode: 'chat', system: '', sampling: { temperature: 0.7, top_k: 0, top_p: 0.95, min_p: 0, repetition_penalty: 1, max_new_tokens: 256, seed: 7 }, options: { truncate: 'refuse', weights: 'fp32', stop: '', grammar: NO_GRAMMAR }, shade: false, turns: [] };

const fresh = new Map<string, { from: Partial<Sampling> | undefined; talk: Talk }>();
/** A new conversation: sampled as the model's generation_config.json says, where it says. The same object until the model changes. */
function freshOf(modelId: string): Talk {
  const from = useEntities.getState().model[modelId]?.sampling, known = fresh.get(modelId);
  if (known && known.from === from) return known.talk;
  const talk = { ...FRESH, sampling: { ...FRESH.sampling, ...from } };
  fresh.set(modelId, { from, talk });
  return talk;
}

const useTalks = create<{ of: Record<string, Talk> }>(() => ({ of: {} }));
export const useTalk = (modelId: string): Talk => useTalks((s) => s.of[modelId] ?? freshOf(modelId));
export const talkOf = (modelId: string): Talk => useTalks.getState().of[modelId] ?? freshOf(modelId);
export const changeTalk = (modelId: string, change: Partial<Talk>): void => { useTalks.setState((s) => ({ of: { ...s.of, [modelId]: { ...freshOf(modelId), ...s.of[modelId], ...change } } })); };
export function changeAnswer(modelId: string, key: number, change: (a: Answer) => Answer): void {
  changeTalk(modelId, { turns: talkOf(modelId).turns.map((turn) => (turn.key === key ? { ...turn, answer: change(turn.answer) } : turn)) });
}
export const isBusy = (talk: Talk): boolean => talk.turns.some((t) => t.answer.status === 'waiting' || t.answer.status === 'streaming');
