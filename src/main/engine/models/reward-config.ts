/**
 * config.json of reward models as transformers reads it (...ForSequenceClassification with one label). Pooling: the score is read at the last token whose id is not `pad_token_id`; where padding and end of text are
 * one token, the end is skipped and the token before it is read (spec/alignment.md 2). Training and scoring here follow the same rule, so that a checkpoint scores the same everywhere.
 */

import type { TensorTable } from '../io/model-weights.ts';
import { configError } from './config-error.ts';
import { SCORE_HEAD } from './sequence-classifier.ts';

type Json = Record<string, unknown>;
const architecture = (json: Json): string => (Array.isArray(json['architectures']) && typeof json['architectures'][0] === 'string' ? json['architectures'][0] : '');

/** Does the config, or its scalar head among the tensors, say that the model classifies texts? */
export function isClassifier(json: Json, tensors: TensorTable): boolean {
  return architecture(json).endsWith('ForSequenceClassification') || (architecture(json) === '' && tensors.has(SCORE_HEAD));
}

/** A reward model gives one number. Throws `model-config-invalid` for a classifier with several labels, or without a head that is called `score`. */
export function checkOneLabel(json: Json, tensors: TensorTable): void {
  const head = tensors.get(SCORE_HEAD), labels = head?.shape[0] ?? labelCount(json);
  if (labels !== 1) throw configError(`it is a classifier with ${labels} labels, and a reward model has num_labels 1; only models that give one number per text can be used`);
  if (head === undefined) throw configError('it is a classifier, but its weights have no "score.weight"; only the scalar head of ...ForSequenceClassification decoders is supported');
}

/** transformers' default is two. */
function labelCount(json: Json): number {
  if (typeof json['num_labels'] === 'number') return json['num_labels'];
  const names = json['id2label'];
  return typeof names === 'object' && names !== null ? Object.keys(names).length : 2;
}

/** Id of the padding token that pooling skips; null: none, the last token is read. */
export function paddingId(json: Json): number | null {
  const id = json['pad_token_id'];
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 ? id : null;
}

/** The config of a whole reward model that was trained from this one. */
export function rewardConfig(json: Json): Json {
  const { architectures: _, problem_type: _p, num_labels: _n, ...rest } = json;
  const base = architecture(json), name = json['model_type'] === 'gemma3_text' ? 'Gemma3Text' : base.replace(/(?:ForCausalLM|LMHeadModel|ForSequenceClassification)$/, '');
  return { ...rest, ...(name === '' ? {} : { architectures: [`${name}ForSequenceClassification`] }), id2label: { 0: 'LABEL_0' }, label2id: { LABEL_0: 0 }, pad_token_id: paddingId(json) };
}
