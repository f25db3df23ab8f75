/** Answers: one streamed to a person, or hundreds for exact match. */
import { AnnealError } from '../../../shared/errors.ts';
import { z } from 'zod';
import { generationStart, type GenerateOptions, type generationEnd, type generationToken } from '../../../shared/schema/generate.ts';
import type { Sampling } from '../../../shared/schema/recipe.ts';
import type { ModelRef } from '../protocol.ts';
import { LoadedGenerators, type LoadedGenerator } from './loaded-generators.ts';
import { opened } from './encode-job.ts';
import { askRow, conversationPrompt, textPrompt, type PromptIds } from './prompt-ids.ts';

export interface StreamRequest { model: ModelRef; messages: readonly { role: string; content: string }[] | null; prompt: string | null; sampling: Sampling; options: GenerateOptions; threads: number }
const startItem = z.object(generationStart);
export type StreamItem = z.infer<typeof startItem> | z.infer<typeof generationToken> | z.infer<typeof generationEnd>;
export interface AnswersRequest { model: ModelRef; dataset_dir: string; max_new_tokens: number; batch: number; threads: number }
export interface Answers { total: number; done: number; answers: { index: number; task: string; prompt: string; expected: string; text: string }[] }

const GREEDY = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };
const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

export class GenerateJobs {
  readonly #loaded = new LoadedGenerators();

  stream(request: StreamRequest, signal: AbortSignal): AsyncGenerator<StreamItem> {
    return this.#loaded.use(request.model, request.threads, (loaded) => streamAnswer(loaded, request, signal));
  }

  answers(request: AnswersRequest, signal: AbortSignal): AsyncGenerator<Answers> {
    return this.#loaded.use(request.model, request.threads, (loaded) => answerRows(loaded, request, signal));
  }
}

async function* streamAnswer(loaded: LoadedGenerator, request: StreamRequest, signal: AbortSignal): AsyncGenerator<StreamItem> {
  const { text, generator } = loaded;
  const { options } = request;
  if (options.stop.length > 0 || options.grammar !== null || options.top_logprobs > 0 || options.truncate !== 'refuse' || options.weights !== 'fp32') throw new AnnealError('unavailable', 'Stop strings, grammars, log-probabilities, cutting and weight formats are not built yet; leave these options out.');
  const conversation = request.messages !== null;
  const question = request.messages === null ? textPrompt(text, request.prompt ?? '') : conversationPrompt(text, request.messages);
  if (question.ids.length === 0) throw new AnnealError('bad-request', 'The prompt is empty; write something to continue.');
  if (question.ids.length >= loaded.context) throw new AnnealError('bad-request', `The prompt has ${question.ids.length} tokens, but this model reads at most ${loaded.context}; shorten it.`, { tokens: question.ids.length });
  yield { type: 'start', weight_hash: loaded.weightHash, prompt_tokens: question.ids.length, template: conversation ? text.templateName : 'none', prompt_text: question.text, cut: null };
  const decoder = text.tokenizer.streamDecoder({ skipSpecial: true });
  const began = performance.now();
  let tokens = 0, sum = 0;
  let reason: 'stop' | 'length' | 'cancelled' = 'cancelled';
  for await (const event of generator.generate({ prompts: [question.ids], sampling: request.sampling, maxNewTokens: request.sampling.max_new_tokens, stopIds: question.stopIds, signal })) {
    if (event.type === 'end') { reason = event.reason; continue; }
    tokens++;
    sum += event.logprob;
    yield { type: 'token', text: decoder.push(event.token), id: event.token, logprob: event.logprob };
    await breathe();
  }
  const rest = decoder.flush();
  if (rest !== '') yield { type: 'token', text: rest, id: -1, logprob: 0 };
  const seconds = (performance.now() - began) / 1000;
  yield { type: 'end', reason, cause: reason === 'stop' ? 'eos' : reason === 'length' ? 'max_tokens' : 'cancelled', stop_string: null, complete: null, tokens, tokens_per_second: seconds > 0 ? tokens / seconds : 0, mean_logprob: tokens > 0 ? sum / tokens : 0 };
}

async function* answerRows(loaded: LoadedGenerator, request: AnswersRequest, signal: AbortSignal): AsyncGenerator<Answers> {
  await using data = await opened(request.dataset_dir);
  const rows: { index: number; task: string; prompt: string; expected: string; question: PromptIds }[] = [];
  let index = 0;
  for await (const row of data.dataset) {
    const { messages, prompt, expected, task } = askRow(row);
    rows.push({ index: index++, task, prompt, expected, question: messages === null ? textPrompt(loaded.text, prompt) : conversationPrompt(loaded.text, messages) });
  }
  // Questions of like length together: less padding.
  const sorted = rows.toSorted((a, b) => a.question.ids.length - b.question.ids.length || a.index - b.index);
  for (let at = 0; at < sorted.length; at += request.batch) {
    signal.throwIfAborted();
    const part = sorted.slice(at, at + request.batch);
    const texts = await loaded.generator.generateBatch({ prompts: part.map((r) => r.question.ids), sampling: GREEDY, maxNewTokens: request.max_new_tokens, stopIds: part[0]?.question.stopIds ?? [], signal });
    const answers = part.map(({ index: row, task, prompt, expected }, i) => ({ index: row, task, prompt, expected, text: loaded.text.tokenizer.decode(texts[i]?.tokens ?? [], { skipSpecial: true }) }));
    yield { total: rows.length, done: Math.min(rows.length, at + part.length), answers };
    await breathe();
  }
}
