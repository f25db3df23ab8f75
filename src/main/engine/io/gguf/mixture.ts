/** Which tensor gets which type in a file of a given type. Rules for Q4_K_M are those of llama.cpp's quantiser: Q6_K for the head and for part of attn_v and ffn_down, Q4_K for the rest, and formats of
 * 32 where a row is no multiple of 256. Vectors, positions and convolutions stay F32. */

import type { GgufFileType, TensorKindName } from './gguf-types.ts';

export interface MixtureFacts { layers: number; /** The embedding is the head too. */ tiedHead: boolean; }

export function chooseKind(type: GgufFileType, name: string, shape: readonly number[], facts: MixtureFacts): TensorKindName {
  if (shape.length < 2 || /norm|shortconv\.conv|position_embd|rope_/.test(name)) return 'F32';
  if (type === 'F32' || type === 'F16' || type === 'BF16') return type;
  return fitting(wanted(type, name, facts), shape.at(-1)!);
}

function wanted(type: 'Q8_0' | 'Q4_0' | 'Q4_K_M', name: string, facts: MixtureFacts): TensorKindName {
  const head = name === 'output.weight' || (name === 'token_embd.weight' && facts.tiedHead);
  if (type === 'Q8_0') return 'Q8_0';
  if (head) return 'Q6_K';
  if (type === 'Q4_0') return 'Q4_0';
  const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? 0);
  if (/\.(?:attn_v|ffn_down)\.weight$/.test(name) && moreBits(layer, facts.layers)) return 'Q6_K';
  if (name.endsWith('.attn_qkv.weight')) return 'Q5_K';
  return 'Q4_K';
}

/** The first and the last eighth of the layers, and every third between. */
function moreBits(layer: number, layers: number): boolean {
  const eighth = Math.trunc(layers / 8);
  return layer < eighth || layer >= Math.trunc((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** A type that fits the length of the rows. */
function fitting(kind: TensorKindName, row: number): TensorKindName {
  if (row % 32 !== 0) return 'F16';
  if (row % 256 === 0) return kind;
  return kind === 'Q4_K' ? 'Q5_0' : kind === 'Q5_K' ? 'Q5_1' : kind === 'Q6_K' ? 'Q8_0' : kind;
}
