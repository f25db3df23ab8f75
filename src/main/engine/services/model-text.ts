/** Tokenizer and chat template of a model reference: what turns rows and prompts into ids. */
import { basename } from 'node:path';
import { chooseTemplate } from '../../data/templates/builtin.ts';
import type { ChatTemplate } from '../../data/templates/chat-template.ts';
import { Tokenizer } from '../../data/tokenizer/tokenizer.ts';
import type { ModelRef } from '../protocol.ts';

export interface ModelText { tokenizer: Tokenizer; template: ChatTemplate | null; /** For people: where the template comes from. */ templateName: string }

export async function openModelText(model: ModelRef): Promise<ModelText> {
  const tokenizer = await Tokenizer.load(model.folder);
  const template = chooseTemplate(tokenizer, model.chat_template, model.template_time === undefined ? {} : { now: new Date(model.template_time) });
  const chosen = model.chat_template;
  const templateName = template === null ? 'none' : chosen === null ? basename(model.folder) : chosen.length < 40 && !chosen.includes('{') ? chosen : 'from the recipe';
  return { tokenizer, template, templateName };
}
