/** Gemma 3, the text model: Gemma 2 without caps, with norms of query and key heads, five windowed layers to each full one, and a rotary base of its own for each kind. A config of the multimodal model gives its text part. */

import { configError } from './config-error.ts';
import { ConfigReader, type DecoderConfig } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { GEMMA2_NORMS, parseGemma2 } from './gemma2.ts';
import { withBlocks } from './layer-types.ts';
import { HEAD_NORMS } from './layout.ts';
import { isRecord, parseRope, type RopeConfig } from './rope-config.ts';

/** The text model's own config.json out of either form. */
function textConfig(json: Record<string, unknown>): Record<string, unknown> {
  if (json['model_type'] !== 'gemma3') return json;
  const text = json['text_config'];
  if (!isRecord(text)) throw configError('"text_config" is missing, which a gemma3 model needs');
  return { ...text, model_type: 'gemma3_text', architectures: ['Gemma3ForCausalLM'], ...Object.fromEntries(['bos_token_id', 'eos_token_id', 'pad_token_id', 'dtype', 'torch_dtype', 'transformers_version'].flatMap((k) => (text[k] === undefined && json[k] !== undefined ? [[k, json[k]]] : []))) };
}

/** Local and global rotary parameters: one record each in transformers 5, two bases and a scaling of the global one before. */
function ropes(json: Record<string, unknown>, config: DecoderConfig): { full: RopeConfig; sliding: RopeConfig } {
  const read = new ConfigReader(json);
  const nested = isRecord(json['rope_parameters']) ? json['rope_parameters'] : {};
  const record = (key: string): Record<string, unknown> => (isRecord(nested[key]) ? nested[key] : {});
  const scaling = isRecord(json['rope_scaling']) ? json['rope_scaling'] : {};
  const parse = (given: Record<string, unknown>, theta: number): RopeConfig => parseRope({}, { theta, maxPositions: config.maxPositions, headDim: config.headDim }, given);
  return {
    full: parse({ ...scaling, ...record('full_attention') }, read.number('rope_theta', 1_000_000)),
    sliding: parse(record('sliding_attention'), read.number('rope_local_base_freq', 10_000)),
  };
}

export const gemma3 = decoderFamily({
  id: 'gemma3_text',
  aliases: ['gemma3'],
  layout: { norms: GEMMA2_NORMS, headNorms: HEAD_NORMS },
  parseConfig: (json) => {
    const text = textConfig(json);
    const pattern = new ConfigReader(text).count('sliding_window_pattern', 6);
    const config = parseGemma2(text, { kvHeads: 4, maxPositions: 131_072, activationKeys: ['hidden_activation', 'hidden_act'], caps: { attention: null, logits: null }, isSliding: (i) => (i + 1) % pattern !== 0 });
    // transformers reads attn_logit_softcapping here and never applies it.
    const { full, sliding } = ropes(text, config);
    return { ...withBlocks(config, (i) => ({ rope: config.blocks[i]!.window === null ? full : sliding })), rope: full, attentionSoftcap: null };
  },
  // The multimodal checkpoints, as written by transformers 4 and 5.
  otherNames: (name) => (name.startsWith('model.') ? [`language_model.${name}`, `model.language_model.${name.slice('model.'.length)}`] : [`language_model.${name}`]),
  loraTargets: ['q_proj', 'v_proj'],
});
