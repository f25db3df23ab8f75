/** Rotary positions in both languages. GGUF knows linear and yarn scaling by name; Llama 3's is a tensor of factors for each frequency (rope_freqs.weight). */

import { invalidGguf } from '../gguf-types.ts';
import { shortestDecimal, type Metadata } from '../metadata.ts';
import type { Json, MetadataEntries, TensorFacts } from './architecture.ts';

const isRecord = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);
/** Llama 3.1 and later: all released models have these. */
const LLAMA3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/** `rope_theta` and, where there is one, `rope_scaling`, as Hugging Face configs have them. */
export function ropeFromMetadata(metadata: Metadata, tensors: TensorFacts, headDim: number): Json {
  const theta = metadata.archReal('rope.freq_base') ?? 10_000;
  const scaling = scalingFromMetadata(metadata, tensors, theta, headDim);
  return scaling === null ? { rope_theta: theta } : { rope_theta: theta, rope_scaling: scaling };
}

function scalingFromMetadata(metadata: Metadata, tensors: TensorFacts, theta: number, headDim: number): Json | null {
  if (tensors.has('rope_freqs.weight')) return llama3Scaling(tensors.read('rope_freqs.weight'), theta, headDim);
  const type = metadata.archText('rope.scaling.type');
  const factor = metadata.archReal('rope.scaling.factor') ?? metadata.archReal('rope.scale_linear');
  if (factor === null || factor === 1 || type === 'none') return null;
  const original = metadata.archNumber('rope.scaling.original_context_length');
  if (type === null || type === 'linear') return { rope_type: 'linear', factor };
  if (type !== 'yarn') throw invalidGguf('The file', `its rope scaling "${type.slice(0, 40)}" is not known`);
  const attention = metadata.archReal('rope.scaling.attn_factor');
  return { rope_type: 'yarn', factor, ...(original === null ? {} : { original_max_position_embeddings: original }), ...(attention === null ? {} : { attention_factor: attention }) };
}

/** The factors as Llama 3's formula where it gives them, else as they stand (longrope with one list for all lengths). */
function llama3Scaling(factors: Float32Array, theta: number, headDim: number): Json {
  const factor = shortestDecimal(Math.max(...factors));
  const formula = { rope_type: 'llama3', factor, ...LLAMA3 };
  const expected = llama3Factors({ rope_theta: theta, rope_scaling: formula }, headDim);
  if (factors.length === headDim / 2 && expected?.every((f, i) => Math.abs(f - factors[i]!) <= 1e-4 * f) === true) return formula;
  const list = [...factors];
  return { rope_type: 'longrope', short_factor: list, long_factor: list, factor: 1, attention_factor: 1 };
}

/** What each inverse frequency is divided by; null without Llama 3's scaling. Formula: `shared/spec/alignment.md` section 13. */
export function llama3Factors(config: Json, headDim: number): Float32Array | null {
  const p = ropeParameters(config);
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original, rope_theta: theta } = p;
  if ((p['rope_type'] ?? p['type']) !== 'llama3' || typeof factor !== 'number' || typeof low !== 'number' || typeof high !== 'number' || typeof original !== 'number') return null;
  const base = typeof theta === 'number' ? theta : 10_000;
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * base ** ((2 * i) / headDim);
    if (wavelength < original / high) return 1;
    if (wavelength > original / low) return factor;
    const smooth = (original / wavelength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/** Parameters of the full-attention layers: `rope_parameters` may hold one set for each kind of layer. */
export function ropeParameters(config: Json, layerType = 'full_attention'): Json {
  const modern = config['rope_parameters'];
  if (isRecord(modern)) {
    const own = modern[layerType];
    return isRecord(own) ? own : modern;
  }
  return { ...(isRecord(config['rope_scaling']) ? config['rope_scaling'] : {}), rope_theta: config['rope_theta'] };
}

export function ropeToMetadata(config: Json, defaultTheta: number): MetadataEntries {
  const p = ropeParameters(config);
  const theta = typeof p['rope_theta'] === 'number' ? p['rope_theta'] : typeof config['rope_theta'] === 'number' ? config['rope_theta'] : defaultTheta;
  const type = p['rope_type'] ?? p['type'] ?? 'default';
  const number = (key: string): number | null => (typeof p[key] === 'number' ? p[key] : null);
  const entries: MetadataEntries = { 'rope.freq_base': theta };
  if (type === 'linear' || type === 'yarn') {
    entries['rope.scaling.type'] = type;
    entries['rope.scaling.factor'] = number('factor') ?? 1;
    entries['rope.scaling.original_context_length'] = number('original_max_position_embeddings');
    const attention = number('attention_factor');
    if (attention !== null) entries['rope.scaling.attn_factor'] = attention;
  }
  return entries;
}
