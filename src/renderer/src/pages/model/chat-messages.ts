/** The text of an answer, and what is sent for a turn of a conversation. Pure. */
import type { Answer, Talk, Turn } from './chat-store.ts';

export const textOf = (a: Answer): string => a.tokens.map((t) => t.text).join('');

/** What is sent for a turn: the conversation up to it, without answers that failed or said nothing. */
export function messagesFor(talk: Talk, turn: Turn): { role: 'system' | 'user' | 'assistant'; content: string }[] {
  const before = talk.turns.slice(0, Math.max(0, talk.turns.findIndex((t) => t.key === turn.key))).filter((t) => t.mode === 'chat' && textOf(t.answer) !== '');
  return [
    ...(talk.system.trim() === '' ? [] : [{ role: 'system' as const, content: talk.system.trim() }]),
    ...before.flatMap((t) => [{ role: 'user' as const, content: t.text }, { role: 'assistant' as const, content: textOf(t.answer) }]),
    { role: 'user' as const, content: turn.text },
  ];
}
