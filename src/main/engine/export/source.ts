/** What is exported: a model folder, or a checkpoint on top of it, opened once. Headers and tokenizer are read; weights stay in their files until a format asks for them. */
import { chooseTemplate } from '../../data/templates/builtin.ts';
import type { ChatTemplate } from '../../data/templates/chat-template.ts';
import { stopIds } from '../../data/encode/stop-ids.ts';
import { Tokenizer } from '../../data/tokenizer/tokenizer.ts';
import { openModelFolder, type ModelFolder } from '../io/model-folder.ts';
import { readPeftAdapter, type PeftAdapter } from '../io/peft-adapter.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { parseModel, type ParsedModel } from '../models/index.ts';
import { checkParameters } from '../models/parameters.ts';
import type { ModelRef } from '../protocol.ts';

export interface ExportSource {
  ref: ModelRef;
  /** Where config.json and the side files come from. */
  folder: ModelFolder;
  model: ParsedModel;
  weights: ReadonlyMap<string, TensorEntry>;
  /** Set when the checkpoint is an adapter. */
  adapter: PeftAdapter | null;
  tokenizer: Tokenizer;
  /** The template that the checkpoint was trained with, else the model's own. */
  template: ChatTemplate | null;
  /** Ids that end an answer. */
  stopIds: readonly number[];
}

export async function openExportSource(ref: ModelRef): Promise<ExportSource> {
  const { checkpoint } = ref;
  const folder = openModelFolder(checkpoint?.kind === 'full' ? checkpoint.folder : ref.folder);
  const model = parseModel(folder.config);
  const weights = checkParameters(model, folder.tensors);
  const adapter = checkpoint?.kind === 'adapter' ? readPeftAdapter(checkpoint.folder) : null;
  const tokenizer = await Tokenizer.load(ref.folder);
  const template = chooseTemplate(tokenizer, ref.chat_template);
  return { ref, folder, model, weights, adapter, tokenizer, template, stopIds: stopIds(tokenizer, template) };
}
