/** Chat templates that Anneal brings itself, to be chosen explicitly (`chat_template: chatml`) where a model has none. Never applied silently. */
import { AnnealError } from '../../../shared/errors.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { ChatTemplate, type TemplateOptions } from './chat-template.ts';

/** ChatML with generation markers. `end` is one token of the vocabulary, so that the model can learn to stop. */
const chatml = (end: string): string => [
  '{%- for message in messages %}',
  "{{- '<|im_start|>' + message['role'] + '\\n' }}",
  "{%- if message['role'] == 'assistant' %}",
  `{%- generation %}{{- message['content'] + ${end} }}{%- endgeneration %}`,
  '{%- else %}',
  `{{- message['content'] + ${end} }}`,
  '{%- endif %}',
  "{{- '\\n' }}",
  '{%- endfor %}',
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}",
].join('\n');

export const BUILTIN_TEMPLATES = {
  /** `<|im_end|>` ends a turn where the vocabulary has it, else the tokenizer's eos token. */
  chatml: (tokenizer: Tokenizer): string => chatml(tokenizer.idOf('<|im_end|>') === null && tokenizer.eos ? 'eos_token' : "'<|im_end|>'"),
} as const satisfies Record<string, (tokenizer: Tokenizer) => string>;
export type BuiltinTemplateId = keyof typeof BUILTIN_TEMPLATES;
const isBuiltin = (name: string): name is BuiltinTemplateId => Object.hasOwn(BUILTIN_TEMPLATES, name);

function tokenVariables(tokenizer: Tokenizer): Record<string, string> {
  const all = { bos_token: tokenizer.bos, eos_token: tokenizer.eos, pad_token: tokenizer.pad, unk_token: tokenizer.unk };
  return Object.fromEntries(Object.entries(all).flatMap(([k, t]) => (t ? [[k, t.content]] : [])));
}

function checkName(choice: string): void {
  if (!/\{[{%]/.test(choice)) throw new AnnealError('template-invalid', `"${choice.slice(0, 40)}" is neither a built-in chat template (${Object.keys(BUILTIN_TEMPLATES).join(', ')}) nor Jinja text.`);
}

/** What can be told of a choice without a tokenizer: its name, or its Jinja syntax. Throws `template-invalid`. */
export function checkTemplateChoice(choice: string): void {
  if (isBuiltin(choice)) return;
  checkName(choice);
  new ChatTemplate(choice);
}

/**
 * The template to use for a tokenizer. `choice`: nothing for the model's own, the name of a built-in one, or Jinja text.
 * Returns null when nothing is chosen and the model has none. Throws `template-invalid`.
 */
export function chooseTemplate(tokenizer: Tokenizer, choice?: string | null, options: TemplateOptions = {}): ChatTemplate | null {
  if (typeof choice === 'string' && !isBuiltin(choice)) checkName(choice);
  const source = choice === undefined || choice === null ? tokenizer.template : isBuiltin(choice) ? BUILTIN_TEMPLATES[choice](tokenizer) : choice;
  if (source === null) return null;
  return new ChatTemplate(source, { ...options, tokens: { ...tokenVariables(tokenizer), ...options.tokens } });
}

/** Like `chooseTemplate`, for conversations: without a template there is nothing to render. Throws `template-missing`. */
export function needTemplate(tokenizer: Tokenizer, choice?: string | null, options: TemplateOptions = {}): ChatTemplate {
  const template = chooseTemplate(tokenizer, choice, options);
  if (!template) throw new AnnealError('template-missing', "The model's tokenizer has no chat template, so conversations cannot be rendered; set `chat_template: chatml` in the recipe, give a template of your own, or train on prompt and completion text.");
  return template;
}
