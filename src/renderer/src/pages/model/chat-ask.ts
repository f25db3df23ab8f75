/** Asks for one answer of a conversation and feeds what comes back into the store, at most once in 50 ms. Stopping keeps what was written. */
import { errorShape } from '../../../../shared/errors.ts';
import type { Generation } from '../../../../shared/contract.ts';
import { api } from '../../state/client.ts';
import { readGrammar } from './chat-grammar.ts';
import { messagesFor } from './chat-messages.ts';
import { changeAnswer, changeTalk, talkOf } from './chat-store.ts';
import type { Answer, Token, Turn } from './chat-store.ts';

const running = new Map<string, AbortController>();
const FLUSH_MS = 50;
/** Likeliest tokens to hear about at each place. */
const ALTERNATIVES = 5;
let next = 1;

export function stopTalking(modelId: string): void { running.get(modelId)?.abort(); }

export function say(modelId: string, text: string): void {
  const talk = talkOf(modelId), turn: Turn = { key: next++, mode: talk.mode, text, answer: fresh(talk.checkpointId) };
  changeTalk(modelId, { turns: [...talk.turns, turn] });
  void ask(modelId, turn);
}

/** Asks for another answer to the last thing said, with the weights and settings of now. */
export function again(modelId: string): void {
  const talk = talkOf(modelId), last = talk.turns.at(-1);
  if (last === undefined) return;
  const turn: Turn = { ...last, answer: fresh(talk.checkpointId) };
  changeTalk(modelId, { turns: [...talk.turns.slice(0, -1), turn] });
  void ask(modelId, turn);
}

const fresh = (checkpointId: string | null): Answer => ({ status: 'waiting', checkpointId, weightHash: null, promptText: null, promptTokens: null, cut: null, tokens: [], end: null, error: null });

async function ask(modelId: string, turn: Turn): Promise<void> {
  const talk = talkOf(modelId), abort = new AbortController(), messages = messagesFor(talk, turn);
  stopTalking(modelId);
  running.set(modelId, abort);
  /** Only while this is still the answer that is being made. */
  const patch = (change: (a: Answer) => Answer): void => { if (running.get(modelId) === abort) changeAnswer(modelId, turn.key, change); };
  let waiting: Token[] = [], timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer); timer = undefined;
    const more = waiting;
    waiting = [];
    if (more.length > 0) patch((a) => ({ ...a, status: 'streaming', tokens: [...a.tokens, ...more] }));
  };
  const on = (item: Generation): void => {
    switch (item.type) {
      case 'start': patch((a) => ({ ...a, status: 'streaming', weightHash: item.weight_hash, promptText: item.prompt_text, promptTokens: item.prompt_tokens, cut: item.cut })); break;
      case 'token': waiting.push({ text: item.text, id: item.id, logprob: item.logprob, top: item.top ?? [] }); timer ??= setTimeout(flush, FLUSH_MS); break;
      case 'end': flush(); patch((a) => ({ ...a, status: item.reason === 'cancelled' ? 'cancelled' : 'done', end: { cause: item.cause, stopString: item.stop_string, complete: item.complete, tokens: item.tokens, tokensPerSecond: item.tokens_per_second, meanLogprob: item.mean_logprob } })); break;
    }
  };
  const stop = talk.options.stop.split('\n').filter((s) => s !== '').slice(0, 16);
  try {
    const given = turn.mode === 'chat' ? { messages } : { prompt: turn.text };
    for await (const item of api.chat.generate({ model_id: modelId, checkpoint_id: turn.answer.checkpointId, sampling: talk.sampling, options: { top_logprobs: ALTERNATIVES, truncate: talk.options.truncate, weights: talk.options.weights, stop, grammar: readGrammar(talk.options.grammar).spec }, ...given }, { signal: abort.signal })) on(item);
    flush();
    patch((a) => (a.end === null && a.status !== 'failed' ? { ...a, status: 'cancelled' } : a));
  } catch (e) {
    flush();
    patch((a) => (abort.signal.aborted ? { ...a, status: 'cancelled' } : { ...a, status: 'failed', error: errorShape(e) }));
  } finally { if (running.get(modelId) === abort) running.delete(modelId); }
}
