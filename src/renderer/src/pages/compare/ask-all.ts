/** Puts one prompt to every pane and feeds what comes back into the store, at most once a frame a pane. Stopping keeps what was written. */
import { errorShape } from '../../../../shared/errors.ts';
import type { Generation } from '../../../../shared/contract.ts';
import { api } from '../../state/client.ts';
import { useCompare } from './compare-store.ts';
import type { Answer, Mode, Pane } from './compare-store.ts';

const running = new Map<string, AbortController>();
const FLUSH_MS = 50;

export function stopAll(): void { for (const c of running.values()) c.abort(); }

export function askAll(prompt: string): void {
  const { panes, mode, remember } = useCompare.getState();
  if (prompt.trim() === '' || panes.length === 0) return;
  remember({ prompt, mode, time: Date.now() });
  stopAll();
  for (const pane of panes) void ask(pane, prompt, mode);
}

async function ask(pane: Pane, prompt: string, mode: Mode): Promise<void> {
  const { sampling: shared, system, update } = useCompare.getState();
  const sampling = { ...(pane.own ?? shared) }, abort = new AbortController();
  running.set(pane.key, abort);
  const fresh: Answer = { status: 'waiting', prompt, mode, sampling, locked: pane.own === null, weightHash: null, template: null, promptText: null, promptTokens: null, tokens: [], end: null, error: null };
  update(pane.key, () => fresh);
  /** Only while this is still the pane's current answer. */
  const patch = (change: (a: Answer) => Answer): void => { if (running.get(pane.key) === abort) update(pane.key, (a) => (a === null ? a : change(a))); };
  let waiting: { text: string; logprob: number }[] = [], timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer); timer = undefined;
    const more = waiting;
    waiting = [];
    if (more.length > 0) patch((a) => ({ ...a, status: 'streaming', tokens: [...a.tokens, ...more] }));
  };
  const messages = [...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system.trim() }]), { role: 'user' as const, content: prompt }];
  const on = (item: Generation): void => {
    switch (item.type) {
      case 'start': patch((a) => ({ ...a, status: 'streaming', weightHash: item.weight_hash, template: item.template, promptText: item.prompt_text, promptTokens: item.prompt_tokens })); break;
      case 'token': waiting.push({ text: item.text, logprob: item.logprob }); timer ??= setTimeout(flush, FLUSH_MS); break;
      case 'end': flush(); patch((a) => ({ ...a, status: item.reason === 'cancelled' ? 'cancelled' : 'done', end: { reason: item.reason, tokens: item.tokens, tokensPerSecond: item.tokens_per_second, meanLogprob: item.mean_logprob } })); break;
    }
  };
  try {
    for await (const item of api.chat.generate({ model_id: pane.target.modelId, checkpoint_id: pane.target.checkpointId, sampling, ...(mode === 'chat' ? { messages } : { prompt }) }, { signal: abort.signal })) on(item);
    flush();
    patch((a) => (a.end === null && a.status !== 'failed' ? { ...a, status: 'cancelled' } : a));
  } catch (e) {
    flush();
    patch((a) => (abort.signal.aborted ? { ...a, status: 'cancelled' } : { ...a, status: 'failed', error: errorShape(e) }));
  } finally { if (running.get(pane.key) === abort) running.delete(pane.key); }
}
