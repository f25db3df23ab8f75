/** anneal generate */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Command, Invocation } from '../command.ts';
import { AnnealError } from '../../../shared/errors.ts';
import { TRUNCATIONS, WEIGHT_FORMATS, type generateOptions } from '../../../shared/schema/generate.ts';
import { withHost } from '../session.ts';

const SAMPLING = { 'max-tokens': 'max_new_tokens', temperature: 'temperature', 'top-k': 'top_k', 'top-p': 'top_p', 'min-p': 'min_p', 'repetition-penalty': 'repetition_penalty', seed: 'seed' } as const;

export const generate: Command = {
  name: 'generate', takes: '', positionals: [0, 0], summary: 'Continues a prompt, or answers it with --chat.',
  options: {
    model: { type: 'string', short: 'm', value: 'model', help: 'id, name or folder (required)' },
    checkpoint: { type: 'string', short: 'c', value: 'checkpoint', help: 'id, run-name@step, or a run for its last one' },
    prompt: { type: 'string', short: 'p', value: 'text', help: 'the prompt (required)' },
    chat: { type: 'boolean', help: 'put the prompt through the chat template as a user\'s turn' },
    system: { type: 'string', value: 'text', help: 'system turn, with --chat' },
    'max-tokens': { type: 'string', value: 'n', help: 'at most this many new tokens; default: as the model\'s generation_config.json says, else 128' },
    temperature: { type: 'string', value: 't', help: '0 takes the likeliest token; default: as the model\'s generation_config.json says, else 0' },
    'top-k': { type: 'string', value: 'k', help: 'only the k likeliest tokens; 0: all' },
    'top-p': { type: 'string', value: 'p', help: 'only the likeliest tokens that sum up to p' },
    'min-p': { type: 'string', value: 'p', help: 'only tokens at least p times as likely as the likeliest' },
    'repetition-penalty': { type: 'string', value: 'x', help: 'above 1 makes repetition less likely' },
    seed: { type: 'string', value: 'n', help: 'the same seed gives the same answer; default 0' },
    stop: { type: 'string', multiple: true, value: 'text', help: 'end before this text; may be repeated' },
    'json-schema': { type: 'string', value: 'file', help: 'the answer is JSON that this schema allows' },
    regex: { type: 'string', value: 'pattern', help: 'the answer as a whole matches this regular expression' },
    logprobs: { type: 'string', value: 'k', help: 'with --json: the k likeliest tokens at each place, with log-probabilities' },
    truncate: { type: 'string', value: 'side', help: 'cut a too long prompt at its left or right, or refuse it; default refuse' },
    weights: { type: 'string', value: 'format', help: 'fp32, int8 or int4 for the frozen linear weights while generating; default fp32' },
    json: { type: 'boolean', help: 'print one JSON object at the end' },
  },
  run: (call) => withHost(call.home, async ({ host, api }) => {
    const prompt = required(call, 'prompt'), modelRef = required(call, 'model'), checkpointRef = call.text('checkpoint');
    const { resolver, embedded } = host.context;
    await embedded.ready;
    const model = await resolver.model(modelRef), checkpoint = checkpointRef === undefined ? null : resolver.checkpoint(checkpointRef), system = call.text('system');
    const sampling = { ...model.sampling, ...Object.fromEntries(Object.entries(SAMPLING).flatMap(([option, name]) => { const v = call.number(option); return v === undefined ? [] : [[name, v]]; })) };
    const asked = call.flag('chat') ? { messages: [...(system === undefined ? [] : [{ role: 'system' as const, content: system }]), { role: 'user' as const, content: prompt }] } : { prompt };
    const json = call.flag('json'), options = optionsOf(call);
    const tokens: object[] = [];
    let text = '', start: object = {}, end: object = {};
    for await (const item of api.chat.generate({ model_id: model.id, checkpoint_id: checkpoint?.id ?? null, ...asked, sampling, options })) {
      if (item.type === 'token') { text += item.text; if (!json) call.io.out(item.text); if (item.top !== undefined) tokens.push({ id: item.id, logprob: item.logprob, top: item.top }); }
      else if (item.type === 'start') {
        const { type: _, ...rest } = item;
        start = rest;
        if (item.cut !== null) call.io.err(`The prompt was too long: ${item.cut.tokens} tokens were cut at its ${item.cut.side}.\n`);
      }
      else {
        const { type: _, ...rest } = item;
        end = rest;
        if (item.complete === false) call.io.err(`The answer is not complete: it ended by ${item.cause === 'max_tokens' ? '--max-tokens' : item.cause} before the grammar did.\n`);
      }
    }
    if (text.trim() === '' && 'prompt' in asked && model.has_template) call.io.err('The model answered nothing. It has a chat template, and the prompt was given to it as plain text: --chat asks it in a conversation.\n');
    call.io.out(json ? `${JSON.stringify({ text, ...start, ...end, sampling, ...(tokens.length > 0 ? { logprobs: tokens } : {}) })}\n` : '\n');
    return 0;
  }),
};

/** The call's options as typed; the contract checks the values. */
function optionsOf(call: Invocation): z.input<typeof generateOptions> {
  const file = call.text('json-schema'), regex = call.text('regex'), ranks = call.number('logprobs');
  if (file !== undefined && regex !== undefined) throw new AnnealError('bad-request', 'Give either --json-schema or --regex.');
  const choice = <T extends string>(name: string, allowed: readonly T[]): T | undefined => {
    const given = call.text(name);
    if (given === undefined) return undefined;
    const found = allowed.find((a) => a === given);
    if (found === undefined) throw new AnnealError('bad-request', `--${name} must be ${allowed.join(', ')}, not "${given}".`);
    return found;
  };
  return {
    stop: call.texts('stop'), truncate: choice('truncate', TRUNCATIONS), weights: choice('weights', WEIGHT_FORMATS), top_logprobs: ranks,
    grammar: file !== undefined ? { kind: 'json_schema', schema: schemaIn(file) } : regex !== undefined ? { kind: 'regex', pattern: regex } : null,
  };
}

function schemaIn(file: string): boolean | Record<string, unknown> {
  let text: string;
  try { text = readFileSync(file, 'utf8'); } catch (cause) { throw new AnnealError('file-not-found', `The JSON schema ${file} cannot be read; check the path.`, { path: file }, { cause }); }
  let value: unknown;
  try { value = JSON.parse(text); } catch (cause) { throw new AnnealError('grammar-invalid', `${file} is not valid JSON (${cause instanceof Error ? cause.message : ''}); correct it.`, { path: file }, { cause }); }
  if (typeof value !== 'boolean' && (typeof value !== 'object' || value === null || Array.isArray(value))) throw new AnnealError('grammar-invalid', `${file} holds no JSON schema: it must be an object.`, { path: file });
  return value as boolean | Record<string, unknown>;
}

function required(call: Invocation, option: string): string {
  const value = call.text(option);
  if (value === undefined || value === '') throw new AnnealError('bad-request', `generate needs --${option}: see generate --help.`);
  return value;
}
