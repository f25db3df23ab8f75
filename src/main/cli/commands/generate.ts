/** anneal generate */
import type { Command, Invocation } from '../command.ts';
import { AnnealError } from '../../../shared/errors.ts';
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
    'max-tokens': { type: 'string', value: 'n', help: 'at most this many new tokens; default 128' },
    temperature: { type: 'string', value: 't', help: '0 takes the likeliest token; default 0' },
    'top-k': { type: 'string', value: 'k', help: 'only the k likeliest tokens; 0: all' },
    'top-p': { type: 'string', value: 'p', help: 'only the likeliest tokens that sum up to p' },
    'min-p': { type: 'string', value: 'p', help: 'only tokens at least p times as likely as the likeliest' },
    'repetition-penalty': { type: 'string', value: 'x', help: 'above 1 makes repetition less likely' },
    seed: { type: 'string', value: 'n', help: 'the same seed gives the same answer; default 0' },
    json: { type: 'boolean', help: 'print one JSON object at the end' },
  },
  run: (call) => withHost(call.home, async ({ host, api }) => {
    const prompt = required(call, 'prompt'), modelRef = required(call, 'model'), checkpointRef = call.text('checkpoint');
    const { resolver, embedded } = host.context;
    await embedded.ready;
    const model = await resolver.model(modelRef), checkpoint = checkpointRef === undefined ? null : resolver.checkpoint(checkpointRef), system = call.text('system');
    const sampling = Object.fromEntries(Object.entries(SAMPLING).flatMap(([option, name]) => { const v = call.number(option); return v === undefined ? [] : [[name, v]]; }));
    const asked = call.flag('chat') ? { messages: [...(system === undefined ? [] : [{ role: 'system' as const, content: system }]), { role: 'user' as const, content: prompt }] } : { prompt };
    const json = call.flag('json');
    let text = '', start: object = {}, end: object = {};
    for await (const item of api.chat.generate({ model_id: model.id, checkpoint_id: checkpoint?.id ?? null, ...asked, sampling })) {
      if (item.type === 'token') { text += item.text; if (!json) call.io.out(item.text); }
      else if (item.type === 'start') { const { type: _, ...rest } = item; start = rest; }
      else { const { type: _, ...rest } = item; end = rest; }
    }
    call.io.out(json ? `${JSON.stringify({ text, ...start, ...end, sampling })}\n` : '\n');
    return 0;
  }),
};

function required(call: Invocation, option: string): string {
  const value = call.text(option);
  if (value === undefined || value === '') throw new AnnealError('bad-request', `generate needs --${option}: see generate --help.`);
  return value;
}
