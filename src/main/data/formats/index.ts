/** The registry of dataset formats: one line each. Order decides ties. */
import { AnnealError } from '../../../shared/errors.ts';
import type { FormatId } from '../../../shared/formats.ts';
import { alpacaFormat } from './alpaca.ts';
import type { DatasetFormat } from './format.ts';
import { messagesFormat } from './messages.ts';
import { promptCompletionFormat } from './prompt-completion.ts';
import { preferenceFormat } from './preference.ts';
import { sharegptFormat } from './sharegpt.ts';
import { textFormat } from './text.ts';
import { unpairedPreferenceFormat } from './unpaired-preference.ts';

export const FORMATS = {
  messages: messagesFormat,
  'prompt-completion': promptCompletionFormat,
  sharegpt: sharegptFormat,
  alpaca: alpacaFormat,
  text: textFormat,
  preference: preferenceFormat,
  'unpaired-preference': unpairedPreferenceFormat,
} as const satisfies Record<FormatId, DatasetFormat>;

export const formatList: readonly DatasetFormat[] = Object.values(FORMATS);
const isFormat = (id: string): id is FormatId => Object.hasOwn(FORMATS, id);

/** Throws `dataset-format` for an unknown id. */
export function formatById(id: string): DatasetFormat {
  if (!isFormat(id)) throw new AnnealError('dataset-format', `There is no dataset format "${id.slice(0, 40)}"; known are ${Object.keys(FORMATS).join(', ')}.`);
  return FORMATS[id];
}
