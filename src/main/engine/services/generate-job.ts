/** Answers: one streamed to a person, or hundreds for exact match. */
import { AnnealError } from '../../../shared/errors.ts';
import { z } from 'zod';
import type { ProviderId } from '../../../shared/schema/device.ts';
import { generationStart, type GenerateOptions, type generationEnd, type generationToken } from '../../../shared/schema/generate.ts';
import type { Sampling } from '../../../shared/schema/recipe.ts';
import type { ModelRef } from '../protocol.ts';
import { StopFilter, fitPrompt } from '../generate/index.ts';
import { LoadedGenerators, type LoadedGenerator } from './loaded-generators.ts';
import { opened } from './encode-job.ts';
import { askRow, conversationPrompt, textPrompt, type PromptIds } from './prompt-ids.ts';

export interface StreamRequest { model: ModelRef; messages: readonly { role: string; content: string }[] | null; prompt: string | null; sampling: Sampling; options: GenerateOptions; threads: number; device?: ProviderId | undefined }
const startItem = z.object(generationStart);
export type StreamItem = z.infer<typeof startItem> | z.infer<typeof generationToken> | z.infer<typeof generationEnd>;
export interface AnswersRequest { model: ModelRef; dataset_dir: string; max_new_tokens: number; batch: number; threads: number }
export interface Answers { total: number; done: number; answers: { index: number; task: string; prompt: string; expected: string; text: string }[] }

const GREEDY = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };
const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

export class GenerateJobs {
  readonly #loaded = new LoadedGenerators();

  stream(request: StreamRequest, signal: AbortSignal): AsyncGenerator<StreamItem> {
    return this.#loaded.use(request.model, request.threads, request.options.weights, (loaded) => streamAnswer(loaded, request, signal), request.device);
  }

  answers(request: AnswersRequest, signal: AbortSignal): AsyncGenerator<Answers> {
    return this.#loaded.use(request.model, request.threads, 'fp32', (loaded) => answerRows(loaded, request, signal));
  }
}

async function* streamAnswer(loaded: LoadedGenerator, request: StreamRequest, signal: AbortSignal): AsyncGenerator<StreamItem> {
  const { text, generator } = loaded;
  const { options, sampling } = request;
  const question = request.messages === null ? textPrompt(text, request.prompt ?? '') : conversationPrompt(text, request.messages);
  if (question.ids.length === 0) throw new AnnealError('bad-request', 'The prompt is empty; write something to continue.');
  const { ids, cut } = fitPrompt(question.ids, loaded.context, sampling.max_new_tokens, options.truncate, text.tokenizer.bos?.id ?? null);
  const constraint = options.grammar === null ? undefined : loaded.constraint(options.grammar, question.stopIds);
  yield { type: 'start', weight_hash: loaded.weightHash, prompt_tokens: ids.length, template: request.messages === null ? 'none' : text.templateName, prompt_text: question.text, cut };
  const decoder = text.tokenizer.streamDecoder({ skipSpecial: true });
  const filter = new StopFilter(options.stop);
  const began = performance.now();
  let tokens = 0, sum = 0;
  let end: Pick<z.infer<typeof generationEnd>, 'reason' | 'cause' | 'complete'> = { reason: 'cancelled', cause: 'cancelled', complete: null };
  for await (const event of generator.generate({ prompts: [ids], sampling, maxNewTokens: sampling.max_new_tokens, stopIds: question.stopIds, constraint, topLogprobs: options.top_logprobs, signal })) {
    if (event.type === 'end') { end = { reason: event.reason, cause: event.cause, complete: event.complete }; continue; }
    tokens++;
    sum += event.logprob;
    const shown = filter.push(decoder.push(event.token));
    yield { type: 'token', text: shown, id: event.token, logprob: event.logprob, ...(event.top === undefined ? {} : { top: event.top.map((t) => ({ ...t, text: text.tokenizer.decode([t.id]) })) }) };
    if (filter.stopped !== null) { end = { reason: 'stop', cause: 'stop_string', complete: constraint === undefined ? null : false }; break; }
    await breathe();
  }
  const rest = filter.push(decoder.flush()) + filter.flush();
  if (rest !== '') yield { type: 'token', text: rest, id: -1, logprob: 0 };
  const seconds = (performance.now() - began) / 1000;
  yield { type: 'end', ...end, stop_string: filter.stopped, tokens, tokens_per_second: seconds > 0 ? tokens / seconds : 0, mean_logprob: tokens > 0 ? sum / tokens : 0 };
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
